package dev.precast.serving.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.support.Images;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

class PredecessorTest {
    private static final TopicPartition VARIANTS = new TopicPartition("precast-variants", 3);
    private static final TopicPartition SETTINGS = new TopicPartition("precast-settings", 0);
    private static final Reference KEPT = new Reference("a", "kept");
    private static final Reference GONE = new Reference("a", "gone");

    private final ViewStorage storage = new ViewStorage(1 << 20);

    @TempDir
    private Path folder;

    private RocksView view;

    @BeforeEach
    void fill() throws RocksDBException {
        view = RocksView.create(folder.resolve("view-1"), storage);
        view.apply(
                List.of(
                        offers(KEPT, 10),
                        offers(GONE, 10),
                        new ViewChange.PutSettings("a", new RepositorySettings(true, List.of()))),
                Map.of(VARIANTS, new OffsetAndMetadata(20), SETTINGS, new OffsetAndMetadata(5)));
    }

    @AfterEach
    void close() {
        view.close();
        storage.close();
    }

    @Test
    void whatItHas_isNotAppliedAgain() {
        ViewChange old = new ViewChange.PutSettings("a", RepositorySettings.OFF);
        assertThat(predecessor().apply(List.of(record(SETTINGS, 4)), List.of(old), next(SETTINGS, 5)))
                .isEmpty();
        assertThat(view.settings().inForce("a").schemaConversion()).isTrue();
    }

    @Test
    void whatComesAfterItsPosition_isApplied() {
        ViewChange before = offers(KEPT, 9);
        ViewChange deleted = new ViewChange.DeleteVariant(key(GONE), 11);
        ViewChange off = new ViewChange.PutSettings("a", RepositorySettings.OFF);
        Predecessor predecessor = predecessor();
        assertThat(predecessor.apply(
                        List.of(record(VARIANTS, 19), record(VARIANTS, 20)),
                        List.of(before, deleted),
                        next(VARIANTS, 21)))
                .containsExactly(deleted);
        predecessor.apply(List.of(record(SETTINGS, 5)), List.of(off), next(SETTINGS, 6));
        assertThat(view.offers(GONE)).isEmpty();
        assertThat(view.offers(KEPT)).isPresent();
        assertThat(view.settings().inForce("a").schemaConversion()).isFalse();
        assertThat(view.position().next(VARIANTS)).hasValue(new OffsetAndMetadata(21));
    }

    @Test
    void whereNobodyKnowsItsPosition_nothingIsApplied() {
        TopicPartition other = new TopicPartition("precast-variants", 4);
        Predecessor predecessor = new Predecessor(view, List.of(other));
        predecessor.apply(
                List.of(record(other, 99)), List.of(new ViewChange.DeleteVariant(key(GONE), 11)), next(other, 100));
        assertThat(view.offers(GONE)).isPresent();
    }

    private Predecessor predecessor() {
        return new Predecessor(view, List.of(VARIANTS, SETTINGS));
    }

    private static ViewChange offers(Reference tag, long version) {
        TagOffers offers = Images.offers(tag.repository(), tag.tag(), version, MediaTypes.SCHEMA2);
        return new ViewChange.PutOffers(key(tag), version, offers);
    }

    private static String key(Reference tag) {
        return tag.repository() + ":" + tag.tag();
    }

    private static ConsumerRecord<byte[], byte[]> record(TopicPartition partition, long offset) {
        return new ConsumerRecord<>(partition.topic(), partition.partition(), offset, new byte[0], new byte[0]);
    }

    private static Map<TopicPartition, OffsetAndMetadata> next(TopicPartition partition, long offset) {
        return Map.of(partition, new OffsetAndMetadata(offset));
    }
}
