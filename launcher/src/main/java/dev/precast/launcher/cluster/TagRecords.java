package dev.precast.launcher.cluster;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.VariantRecord;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Everything that the topics hold of one tag, newest of each.
 *
 * @param hint absent when there is none any more: hints are kept for a week
 * @param manifests variants of the repository by digest
 */
public record TagRecords(
        Optional<Hint> hint,
        Newest<ImageRecord> image,
        Newest<TagOffers> offers,
        Map<Digest, VariantManifest> manifests) {
    /**
     * The newest record of a key.
     *
     * @param value absent when there is none, or a tombstone
     * @param seen whether there is a record at all, tombstones included
     * @param version as the record's header has it
     */
    public record Newest<V>(Optional<V> value, boolean seen, OptionalLong version) {
        static <V> Newest<V> none() {
            return new Newest<>(Optional.empty(), false, OptionalLong.empty());
        }

        public boolean isTombstone() {
            return seen && value.isEmpty();
        }
    }

    /** Reads three partitions through: as long as it takes, for one tag. */
    public static TagRecords read(KafkaConfig config, Reference reference) throws IOException {
        Collector collector = new Collector(reference);
        collector.scan(config, TopicCatalogue.HINTS, collector::hint);
        collector.scan(config, TopicCatalogue.IMAGES, collector::image);
        collector.scan(config, TopicCatalogue.VARIANTS, collector::variant);
        return new TagRecords(
                Optional.ofNullable(collector.hint),
                collector.image,
                collector.offers,
                Map.copyOf(collector.manifests));
    }

    private static final class Collector {
        private final Reference reference;
        private final String key;
        private @org.jspecify.annotations.Nullable Hint hint;
        private Newest<ImageRecord> image = Newest.none();
        private Newest<TagOffers> offers = Newest.none();
        private final Map<Digest, VariantManifest> manifests = new HashMap<>();

        Collector(Reference reference) {
            this.reference = reference;
            this.key = RecordKeys.tag(reference.repository(), reference.tag());
        }

        interface Step {
            void take(ConsumerRecord<String, byte[]> found) throws IOException;
        }

        void scan(KafkaConfig config, Topic<?> topic, Step step) throws IOException {
            int partition = TopicCatalogue.partition(key, TopicScan.partitions(config, topic));
            IOException[] fault = new IOException[1];
            TopicScan.read(config, topic, partition, found -> {
                try {
                    step.take(found);
                } catch (IOException e) {
                    fault[0] = new IOException(
                            "Cannot read record " + found.topic() + "-" + found.partition() + "@" + found.offset()
                                    + ": " + e.getMessage(),
                            e);
                }
            });
            if (fault[0] != null) {
                throw fault[0];
            }
        }

        void hint(ConsumerRecord<String, byte[]> found) throws IOException {
            if (found.value() != null && reference.repository().equals(found.key())) {
                Hint read = RecordJson.read(found.value(), Hint.class);
                hint = reference.tag().equals(read.tag()) ? read : hint;
            }
        }

        void image(ConsumerRecord<String, byte[]> found) throws IOException {
            if (key.equals(found.key())) {
                Optional<ImageRecord> value = found.value() == null
                        ? Optional.empty()
                        : Optional.of(RecordJson.read(found.value(), ImageRecord.class));
                image = new Newest<>(value, true, VersionHeader.get(found.headers()));
            }
        }

        void variant(ConsumerRecord<String, byte[]> found) throws IOException {
            if (found.key() == null || !RecordKeys.repository(found.key()).equals(reference.repository())) {
                return;
            }
            Optional<VariantRecord> value = found.value() == null
                    ? Optional.empty()
                    : Optional.of(RecordJson.read(found.value(), VariantRecord.class));
            if (RecordKeys.isDigest(found.key())) {
                Digest digest = Digest.parse(found.key().substring(found.key().indexOf('@') + 1));
                manifests.remove(digest);
                if (value.orElse(null) instanceof VariantManifest manifest) {
                    manifests.put(digest, manifest);
                }
            } else if (key.equals(found.key())) {
                Optional<TagOffers> tag =
                        value.orElse(null) instanceof TagOffers found2 ? Optional.of(found2) : Optional.empty();
                offers = new Newest<>(tag, true, VersionHeader.get(found.headers()));
            }
        }
    }
}
