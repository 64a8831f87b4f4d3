package dev.precast.ingest.resolver;

import dev.precast.ingest.known.ImageTableReader;
import dev.precast.ingest.known.KnownTag;
import dev.precast.ingest.known.KnownTags;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes what was read, each record acknowledged before the call returns. A reading that says the same as the last one written of
 * its tag is not written again. Thread-safe, for one caller per tag at a time.
 */
final class ImageWriter implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /**
     * What is not acknowledged by then is not sent any more. Less than the group waits for us: what came after the record of another
     * process, which has the partition by then, would be the last of its tag.
     */
    private static final int DELIVERY_MILLIS = 8_000;

    private static final int REQUEST_MILLIS = 4_000;

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
    private final KnownTags known;

    ImageWriter(KafkaConfig config) {
        Properties properties = config.producerProperties("precast-ingest-resolver");
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MILLIS);
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
        this.hintPartitions =
                producer.partitionsFor(TopicCatalogue.HINTS.name()).size();
        this.imagePartitions =
                producer.partitionsFor(TopicCatalogue.IMAGES.name()).size();
        this.known = new KnownTags(hintPartitions);
    }

    /** What it wrote, and what {@link ImageTableReader} found. */
    KnownTags known() {
        return known;
    }

    /** The record without what changes with each observation. */
    static ImageRecord draft(ImageRecord image) {
        return new ImageRecord(
                image.repository(),
                image.tag(),
                0,
                Instant.EPOCH,
                image.rootDigest(),
                image.root(),
                image.children(),
                image.configs(),
                image.heldLayers(),
                image.refusal());
    }

    /** Versions given from now on are greater than this one, whatever the clock says. */
    void exceed(long version) {
        lastVersion.accumulateAndGet(version, Math::max);
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
     * @param certain see {@link KnownTag}
     * @return whether it was written; false when it says what the last record said
     */
    boolean write(ImageRecord draft, Digest content, boolean certain, Instant observedAt) throws NotWrittenException {
        Reference tag = new Reference(draft.repository(), draft.tag());
        KnownTag next = KnownTag.of(draft, content, certain);
        Optional<KnownTag> before = known.find(tag);
        if (before.isPresent() && before.get().content().equals(next.content())) {
            known.put(tag, next); // It may be certain by now.
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
        known.doubt(tag); // Until it is acknowledged nobody knows which of the two is there.
        ProducerRecord<String, byte[]> record = record(tag, RecordJson.write(image), version);
        next.put(record.headers());
        await(record);
        known.put(tag, next);
        return true;
    }

    /** Writes that the tag is gone; false when it is not known. */
    boolean writeTombstone(Reference tag, Instant observedAt) throws NotWrittenException {
        if (known.find(tag).isEmpty()) {
            return false;
        }
        known.doubt(tag);
        await(record(tag, null, nextVersion(observedAt)));
        known.remove(tag);
        return true;
    }

    private ProducerRecord<String, byte[]> record(Reference tag, byte @Nullable [] value, long version) {
        String key = RecordKeys.tag(tag.repository(), tag.tag());
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                TopicCatalogue.IMAGES.name(), TopicCatalogue.partition(key, imagePartitions), key, value);
        VersionHeader.put(record.headers(), version);
        return record;
    }

    /** Puts hints at the end of their topic; one at a time would cost a round trip each. */
    void append(List<Hint> hints) throws NotWrittenException {
        List<Future<RecordMetadata>> sent = new ArrayList<>(hints.size());
        for (Hint hint : hints) {
            sent.add(send(new ProducerRecord<>(
                    TopicCatalogue.HINTS.name(),
                    TopicCatalogue.partition(hint.repository(), hintPartitions),
                    hint.repository(),
                    RecordJson.write(hint))));
        }
        for (Future<RecordMetadata> acknowledgement : sent) {
            await(acknowledgement);
        }
    }

    void write(DeadLetter letter) throws NotWrittenException {
        await(new ProducerRecord<>(TopicCatalogue.DEAD_LETTERS.name(), letter.source(), RecordJson.write(letter)));
    }

    private void await(ProducerRecord<String, byte[]> record) throws NotWrittenException {
        await(send(record));
    }

    private Future<RecordMetadata> send(ProducerRecord<String, byte[]> record) throws NotWrittenException {
        try {
            return producer.send(record);
        } catch (InterruptException e) {
            throw stopping();
        } catch (KafkaException | IllegalStateException e) {
            throw new NotWrittenException("Kafka did not take the record: " + e);
        }
    }

    private static void await(Future<RecordMetadata> acknowledgement) throws NotWrittenException {
        try {
            acknowledgement.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new NotWrittenException("Kafka did not take the record: " + e.getCause());
        } catch (TimeoutException e) {
            throw new NotWrittenException("Kafka did not acknowledge within " + PATIENCE.toSeconds() + " s.");
        } catch (InterruptedException e) {
            throw stopping();
        }
    }

    private static NotWrittenException stopping() {
        Thread.currentThread().interrupt();
        return new NotWrittenException("Ingest is stopping.");
    }

    /** Microseconds of the observation, or one more than the last version where the clock did not move on. */
    private long nextVersion(Instant observedAt) {
        long micros = observedAt.getEpochSecond() * 1_000_000 + observedAt.getNano() / 1000;
        return lastVersion.updateAndGet(last -> Math.max(last + 1, micros));
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(3));
    }
}
