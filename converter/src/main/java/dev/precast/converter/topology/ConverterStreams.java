package dev.precast.converter.topology;

import dev.precast.converter.ConverterConfig;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.role.Health;
import dev.precast.schemas.role.Pulse;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs {@link ConverterTopology}. Thread-safe. */
public final class ConverterStreams implements AutoCloseable {
    /** Group and prefix of the internal topics: operators reset this one to rebuild everything. */
    public static final String APPLICATION_ID = "precast-converter";

    private static final Logger LOG = LoggerFactory.getLogger(ConverterStreams.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(4);

    private final KafkaStreams streams;
    private final KeyTable keys;
    private final DesiredState desired;
    private final WalkProgress progress;
    private final UnreadLetters unread;
    private final Pulse pulse = new Pulse(System::nanoTime);
    private final CountDownLatch running = new CountDownLatch(1);
    private final Restoring restoring = new Restoring();

    /**
     * @param keys the private keys at hand; may change while this runs
     * @param ephemeral gives the key that signs when nobody has any other, always the same
     */
    public ConverterStreams(
            ConverterConfig config,
            KafkaConfig kafka,
            KeyTable keys,
            Supplier<SigningKey> ephemeral,
            Clock clock,
            MeterRegistry meters) {
        Properties properties = properties(config, kafka);
        ConverterMetrics metrics = new ConverterMetrics(meters);
        this.unread = new UnreadLetters(metrics);
        properties.put(UnreadLetters.CONFIG, unread);
        ConverterTopology.Tables tables = new ConverterTopology.Tables(new SettingsTable(), keys, new RequestTable());
        this.keys = keys;
        this.desired = new DesiredState(tables.settings(), keys, tables.requests(), ephemeral);
        this.progress = new WalkProgress(clock, metrics);
        metrics.keys(
                true,
                this,
                converter -> converter.signers(clock.instant()).keys().size());
        metrics.keys(
                false,
                this,
                converter -> converter.signers(clock.instant()).missing().size());
        Topology topology = topology(properties, tables, desired, progress, metrics, pulse);
        streams = new KafkaStreams(topology, properties);
        streams.setUncaughtExceptionHandler(exception -> {
            LOG.error("A converter thread failed and is replaced", exception);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        streams.setGlobalStateRestoreListener(restoring);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                running.countDown();
            }
        });
    }

    static Topology topology(
            Properties properties,
            ConverterTopology.Tables tables,
            DesiredState desired,
            WalkProgress progress,
            ConverterMetrics metrics,
            Pulse pulse) {
        StreamsBuilder builder = new StreamsBuilder();
        ConverterTopology.build(builder, tables, desired, progress, metrics, pulse);
        return builder.build(properties);
    }

    static Properties properties(ConverterConfig config, KafkaConfig kafka) {
        Properties properties = kafka.clientProperties("precast-converter");
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION_ID);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDirectory().toString());
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
        properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) kafka.replicationFactor());
        // The image table's changelog is its source topic itself: the records are large, they lie there once.
        properties.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.REUSE_KTABLE_SOURCE_TOPICS);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SharedStoreMemory.class);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        // Freshness: nothing waits for a full batch, a poll or a commit. RATIONALE.md says why at least once is
        // enough.
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
        properties.put(StreamsConfig.POLL_MS_CONFIG, 5);
        // A few milliseconds' wait makes one request of what would be dozens, of which the broker's work is made.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Limits.MAX_RECORD_BYTES);
        // Of the tags that share a manifest there is one record. Brokers take 1 MB by default.
        properties.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), Limits.MAX_RECORD_BYTES);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "zstd");
        // Half the time of the default level, for a few percent more bytes.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG), 1);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
        properties.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), Limits.MAX_RECORD_BYTES);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        properties.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecords.class);
        if (!config.instanceId().isEmpty()) {
            properties.put(
                    StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), config.instanceId());
        }
        return properties;
    }

    /**
     * Returns once the converter works.
     *
     * @param patience for which it may stand still; reading back a large state takes longer
     * @throws IllegalStateException if it does
     */
    public void start(Duration patience) throws InterruptedException {
        pulse.start();
        streams.start();
        if (!restoring.await(running, patience)) {
            throw new IllegalStateException("Cannot start the converter: after " + patience.toSeconds()
                    + " s in which nothing was read back it is " + streams.state()
                    + ", expected RUNNING. Look at the Kafka cluster, and at other members of the group "
                    + APPLICATION_ID + ".");
        }
    }

    /** Who signs now; the tables are whole once {@link #start} has returned. */
    Signers signers(Instant now) {
        return desired.at(now).signers();
    }

    /** What the walks have to say and what was not told yet. */
    public List<WalkReport> news() {
        return progress.news();
    }

    /** The report is written: it is not given again. */
    public void told(WalkReport report) {
        progress.told(report);
    }

    /** Records that could not be read, and of which the streams write no dead letter themselves; each is given once. */
    public List<DeadLetter> unread() {
        return unread.take();
    }

    /** A dead letter could not be written: it is given again. */
    public void unwritten(DeadLetter letter) {
        unread.keep(letter);
    }

    public Health health(Instant now) {
        KafkaStreams.State state = streams.state();
        return switch (state) {
            case RUNNING -> SigningHealth.of(signers(now), keys.held());
            case ERROR, NOT_RUNNING, PENDING_ERROR -> Health.dead("the stream threads have ended: " + state);
            default -> Health.notReady(state.name().toLowerCase(java.util.Locale.ROOT));
        };
    }

    /** Whether all runs, and nothing is signed until somebody puts a key's file there or chooses another key. */
    public boolean lacksAKeyFile(Instant now) {
        return streams.state() == KafkaStreams.State.RUNNING && signers(now).lackAFile();
    }

    /** One line on who signs and who cannot. */
    public String signing(Instant now) {
        return SigningHealth.of(signers(now), keys.held()).detail();
    }

    @Override
    public void close() {
        streams.close(CLOSE_TIMEOUT);
        pulse.close();
    }
}
