package dev.precast.ingest.known;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.ImageRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the image table of newly assigned partitions into {@link KnownTags}, from the beginning to where it ends then. Until
 * that is done nothing of the partition may be resolved: otherwise a clock that is behind could give a tag an older version
 * than it has. One thread of its own; the other methods from any thread.
 */
public final class ImageTableReader implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageTableReader.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long RETRY_MILLIS = 1000;

    private final KafkaConfig kafka;
    private final KnownTags known;
    private final UnaryOperator<ImageRecord> draft;
    private final LongConsumer versions;
    private final BiConsumer<Reference, Instant> tombstones;
    private final TableLoads loads = new TableLoads();

    /**
     * @param draft takes version and time out of a record, for those without {@link KnownTag#HEADER}
     * @param versions is told every version seen
     * @param tombstones is told of each tombstone when it was written
     */
    public ImageTableReader(
            KafkaConfig kafka,
            KnownTags known,
            UnaryOperator<ImageRecord> draft,
            LongConsumer versions,
            BiConsumer<Reference, Instant> tombstones) {
        this.kafka = kafka;
        this.known = known;
        this.draft = draft;
        this.versions = versions;
        this.tombstones = tombstones;
    }

    /** These partitions of the hints are ours from now on. */
    public synchronized void assigned(Collection<Integer> partitions) {
        loads.assigned(partitions);
        notifyAll();
    }

    /** These are no longer. */
    public synchronized void revoked(Collection<Integer> partitions) {
        loads.revoked(partitions);
        known.forget(partitions::contains);
    }

    public synchronized boolean isLoaded(int partition) {
        return loads.loaded().contains(partition);
    }

    /** The partitions that are ours and read. */
    public synchronized Set<Integer> loaded() {
        return Set.copyOf(loads.loaded());
    }

    @Override
    public void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                load(next());
            } catch (InterruptedException | InterruptException e) {
                Thread.currentThread().interrupt();
            } catch (KafkaException e) {
                LOG.warn("Cannot read the image table, tried again: {}", e.toString());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Set<Integer> next() throws InterruptedException {
        Set<Integer> missing = loads.begin();
        while (missing.isEmpty()) {
            wait();
            missing = loads.begin();
        }
        known.forget(missing::contains); // What a reading that was given up has left.
        return missing;
    }

    private void load(Set<Integer> partitions) {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                kafka.consumerProperties("precast-ingest-table"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<PartitionInfo> all = consumer.partitionsFor(TopicCatalogue.IMAGES.name());
            // Where hints and images have equally many partitions, as Precast makes them, the numbers are the same.
            boolean same = all.size() == known.partitions();
            List<TopicPartition> sources = all.stream()
                    .filter(found -> !same || partitions.contains(found.partition()))
                    .map(found -> new TopicPartition(found.topic(), found.partition()))
                    .toList();
            consumer.assign(sources);
            consumer.seekToBeginning(sources);
            Map<TopicPartition, Long> ends = consumer.endOffsets(sources);
            for (TopicPartition source : sources) {
                // By position: the last offsets may be control records, which no poll returns.
                while (consumer.position(source) < ends.getOrDefault(source, 0L)) {
                    consumer.poll(POLL).forEach(record -> take(record, partitions));
                }
            }
        }
        finish(partitions);
    }

    private void take(ConsumerRecord<String, byte[]> record, Set<Integer> partitions) {
        Reference tag =
                record.key() == null ? null : Reference.tryParse(record.key()).orElse(null);
        if (tag == null || !partitions.contains(known.partition(tag.repository()))) {
            return;
        }
        VersionHeader.get(record.headers()).ifPresent(versions);
        if (record.value() == null) {
            known.remove(tag);
            tombstones.accept(tag, Instant.ofEpochMilli(record.timestamp()));
            return;
        }
        KnownTag.read(record.headers()).ifPresentOrElse(found -> known.put(tag, found), () -> parse(tag, record));
    }

    private void parse(Reference tag, ConsumerRecord<String, byte[]> record) {
        try {
            ImageRecord image = RecordJson.read(record.value(), ImageRecord.class);
            versions.accept(image.version());
            Digest content = Digest.sha256(RecordJson.write(draft.apply(image)));
            known.put(tag, KnownTag.of(image, content, image.refusal() == null));
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "Cannot read the image record {}-{}@{}: {} The tag is read from the registry again.",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getMessage());
        }
    }

    private synchronized void finish(Set<Integer> partitions) {
        Set<Integer> ours = loads.end();
        known.forget(partition -> partitions.contains(partition) && !ours.contains(partition));
        LOG.info("Know {} tags of {} partitions", known.size(), loads.loaded().size());
    }
}
