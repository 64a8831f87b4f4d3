package dev.precast.schemas.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResolverStateTest {
    @Test
    void metadata_isReadBack() {
        ResolverState state = new ResolverState(
                7, 2, true, new ResolverState.Sweep(3, 1, 500, 20, 4, false, 17L, "library/hello", 2));

        assertThat(ResolverState.fromMetadata(state.toMetadata())).contains(state);
        assertThat(state.toMetadata().length()).as("Kafka's default limit").isLessThan(4096);
    }

    @Test
    void metadataOfAnOlderVersion_isRead() {
        assertThat(
                        ResolverState.fromMetadata(
                                "{\"known\":7,\"heldDeletes\":0,\"registryAway\":false,\"sweep\":{"
                                        + "\"repositories\":3,\"repositoriesDone\":1,\"tags\":5,\"tagsDone\":4,\"differences\":0,\"ended\":true}}"))
                .contains(new ResolverState(7, 0, false, new ResolverState.Sweep(3, 1, 5, 4, 0, true, null, null, 0)));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "text", "{", "{\"known\":\"x\"}"})
    void otherMetadata_isNoState(String metadata) {
        assertThat(ResolverState.fromMetadata(metadata)).isEmpty();
    }
}
