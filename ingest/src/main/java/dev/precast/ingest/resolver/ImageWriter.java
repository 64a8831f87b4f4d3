package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes what was read, each record acknowledged before the call returns. A reading that says the same as the last one written of
 * its tag is not written again. Thread-safe, for one caller per tag at a time.
 */
final class ImageWriter implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Tags whose last content is remembered; the others are written once more, which changes nothing for readers. */
    private static final int REMEMBERED = 50_000;
    /** Stands for a tombstone among the remembered contents. */
    private static final Digest NOTHING = Digest.sha256(new byte[0]);

    /** The broker did not acknowledge; whether the record is kept is unknown. */
    static final class NotWrittenException extends Exception {
        private static final long serialVersionUID = 1L;

        NotWrittenException(String message) {
            super(message, null, false, false);
        }
    }

    private final Producer<String, byte[]> producer;
    private final int hintPartitions;
    private final int imagePartitions;
    private final AtomicLong lastVersion = new AtomicLong();
    private final Map<String, Digest> written = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Digest> eldest) {
            return size() > REMEMBERED;
        }
    };

    ImageWriter(KafkaConfig config) {
        this.producer = new KafkaProducer<>(
                config.producerProperties("precast-ingest-resolver"),
                new StringSerializer(),
                new ByteArraySerializer());
        this.hintPartitions =
                producer.partitionsFor(TopicCatalogue.HINTS.name()).size();
        this.imagePartitions =
                producer.partitionsFor(TopicCatalogue.IMAGES.name()).size();
    }

    /** What a draft says, as one digest. */
    static Digest content(ImageRecord draft) {
        return Digest.sha256(RecordJson.write(draft));
    }

    /**
     * Writes the image with a version and its time.
     *
     * @param draft with version 0 and the epoch as time
     * @param content {@link #content} of {@code draft}
     * @return whether it was written; false when it says what the last record said
     */
    boolean write(ImageRecord draft, Digest content, Instant observedAt) throws NotWrittenException {
        String key = RecordKeys.tag(draft.repository(), draft.tag());
        if (content.equals(remembered(key))) {
            return false;
        }
        long version = nextVersion(observedAt);
        ImageRecord image = new ImageRecord(
                draft.repository(),
                draft.tag(),
                version,
                observedAt,
                draft.rootDigest(),
                draft.root(),
                draft.children(),
                draft.configs(),
                draft.heldLayers(),
                draft.refusal());
        send(key, RecordJson.write(image), version, content);
        return true;
    }

    /** Writes that the tag is gone; false when that is what was written last. */
    boolean writeTombstone(Reference tag, Instant observedAt) throws NotWrittenException {
        String key = RecordKeys.tag(tag.repository(), tag.tag());
        if (NOTHING.equals(remembered(key))) {
            return false;
        }
        send(key, null, nextVersion(observedAt), NOTHING);
        return true;
    }

    /** Puts a hint at the end of its topic. */
    void requeue(Hint hint) throws NotWrittenException {
        await(new ProducerRecord<>(
                TopicCatalogue.HINTS.name(),
                TopicCatalogue.partition(hint.repository(), hintPartitions),
                hint.repository(),
                RecordJson.write(hint)));
    }

    void write(DeadLetter letter) throws NotWrittenException {
        await(new ProducerRecord<>(TopicCatalogue.DEAD_LETTERS.name(), letter.source(), RecordJson.write(letter)));
    }

    private void send(String key, byte @Nullable [] value, long version, Digest content) throws NotWrittenException {
        remember(key, Optional.empty()); // Until it is acknowledged nobody knows which of the two is there.
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                TopicCatalogue.IMAGES.name(), TopicCatalogue.partition(key, imagePartitions), key, value);
        VersionHeader.put(record.headers(), version);
        await(record);
        remember(key, Optional.of(content));
    }

    private void await(ProducerRecord<String, byte[]> record) throws NotWrittenException {
        try {
            producer.send(record).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new NotWrittenException("Kafka did not take the record: " + e.getCause());
        } catch (TimeoutException e) {
            throw new NotWrittenException("Kafka did not acknowledge within " + PATIENCE.toSeconds() + " s.");
        } catch (KafkaException | IllegalStateException e) {
            throw new NotWrittenException("Kafka did not take the record: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotWrittenException("Ingest is stopping.");
        }
    }

    /** Microseconds of the observation, or one more than the last version where the clock did not move on. */
    private long nextVersion(Instant observedAt) {
        long micros = observedAt.getEpochSecond() * 1_000_000 + observedAt.getNano() / 1000;
        return lastVersion.updateAndGet(last -> Math.max(last + 1, micros));
    }

    private @Nullable Digest remembered(String key) {
        synchronized (written) {
            return written.get(key);
        }
    }

    private void remember(String key, Optional<Digest> content) {
        synchronized (written) {
            content.ifPresentOrElse(known -> written.put(key, known), () -> written.remove(key));
        }
    }

    /** Forgets what was written: another process may write these tags from now on. */
    void forget(java.util.function.Predicate<Integer> hintPartition) {
        synchronized (written) {
            written.keySet().removeIf(key -> hintPartition.test(TopicCatalogue.partition(key, hintPartitions)));
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(3));
    }
}
