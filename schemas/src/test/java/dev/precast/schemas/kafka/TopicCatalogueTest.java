package dev.precast.schemas.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.RecordKeys;
import org.junit.jupiter.api.Test;

class TopicCatalogueTest {
    @Test
    void partition_isTheSameForAllKeysOfARepository() {
        String repository = "org/team/deep";
        int partition = TopicCatalogue.partition(repository, 8);

        assertThat(TopicCatalogue.partition(RecordKeys.tag(repository, "latest"), 8))
                .isEqualTo(partition);
        assertThat(TopicCatalogue.partition(RecordKeys.tag(repository, "other"), 8))
                .isEqualTo(partition);
        assertThat(TopicCatalogue.partition(RecordKeys.digest(repository, Digest.EMPTY_LAYER), 8))
                .isEqualTo(partition);
    }

    @Test
    void partition_neverChanges() {
        // Records of earlier releases lie where this said: another answer would orphan them.
        assertThat(TopicCatalogue.partition("library/hello:v1", 8))
                .isEqualTo(TopicCatalogue.partition("library/hello", 8));
        assertThat(TopicCatalogue.partition("library/hello", 1000)).isEqualTo(148);
    }

    @Test
    void names_useDashesOnly() {
        assertThat(TopicCatalogue.ALL)
                .allSatisfy(topic -> assertThat(topic.name()).matches("precast-[a-z-]+"));
    }
}
