package dev.precast.serving.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.serving.negotiation.NegotiationRules;
import java.util.List;
import org.junit.jupiter.api.Test;

class WantsTest {
    private static final List<String> NOTHING = List.of();
    private static final List<String> DOCKER_1_13 =
            List.of(MediaTypes.SCHEMA1_SIGNED, "application/json", MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST);
    private static final List<String> CONTAINERD = List.of(String.join(
            ", ", MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST, MediaTypes.OCI_MANIFEST, MediaTypes.OCI_INDEX, "*/*"));

    @Test
    void oldestClients_wantEverything() {
        assertThat(Wants.ofSome(NOTHING, NegotiationRules.DEFAULT)).isTrue();
        assertThat(Wants.of(MediaTypes.SCHEMA2, NOTHING, NegotiationRules.DEFAULT))
                .isTrue();
    }

    @Test
    void middleClients_wantWhatIsOci() {
        assertThat(Wants.ofSome(DOCKER_1_13, NegotiationRules.DEFAULT)).isTrue();
        assertThat(Wants.of(MediaTypes.SCHEMA2, DOCKER_1_13, NegotiationRules.DEFAULT))
                .isFalse();
        assertThat(Wants.of(MediaTypes.MANIFEST_LIST, DOCKER_1_13, NegotiationRules.DEFAULT))
                .isFalse();
        assertThat(Wants.of(MediaTypes.OCI_MANIFEST, DOCKER_1_13, NegotiationRules.DEFAULT))
                .isTrue();
    }

    @Test
    void modernClients_wantNothing() {
        assertThat(Wants.ofSome(CONTAINERD, NegotiationRules.DEFAULT)).isFalse();
    }

    @Test
    void otherTypes_areTakenAsTheyAre() {
        assertThat(Wants.of(null, NOTHING, NegotiationRules.DEFAULT)).isFalse();
        assertThat(Wants.of("text/plain", NOTHING, NegotiationRules.DEFAULT)).isFalse();
    }

    @Test
    void wildcardRule_isFollowed() {
        List<String> curl = List.of("*/*");
        assertThat(Wants.ofSome(curl, NegotiationRules.DEFAULT)).isTrue();
        assertThat(Wants.ofSome(curl, new NegotiationRules(true, false))).isFalse();
    }
}
