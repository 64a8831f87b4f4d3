package dev.precast.converter.topology;

import dev.precast.converter.ConverterConfig;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.role.Health;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
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
    private final CountDownLatch running = new CountDownLatch(1);

    public ConverterStreams(
            ConverterConfig config, KafkaConfig kafka, List<SigningKey> keys, boolean ephemeral, MeterRegistry meters) {
        Properties properties = properties(config, kafka);
        Topology topology = topology(properties, keys, ephemeral, meters);
        streams = new KafkaStreams(topology, properties);
        streams.setUncaughtExceptionHandler(exception -> {
            LOG.error("A converter thread failed and is replaced", exception);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                running.countDown();
            }
        });
    }

    static Topology topology(Properties properties, List<SigningKey> keys, boolean ephemeral, MeterRegistry meters) {
        SettingsTable settings = new SettingsTable();
        StreamsBuilder builder = new StreamsBuilder();
        ConverterTopology.build(
                builder, settings, new DesiredState(settings, keys, ephemeral), new ConverterMetrics(meters));
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
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        // Freshness: nothing waits for a batch to fill, a poll or a commit. RATIONALE.md says why at least once is
        // enough.
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
        properties.put(StreamsConfig.POLL_MS_CONFIG, 20);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Limits.MAX_RECORD_BYTES);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "zstd");
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
     * @throws IllegalStateException if it does not within {@code patience}
     */
    public void start(Duration patience) throws InterruptedException {
        streams.start();
        if (!running.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("Cannot start the converter: after " + patience.toSeconds() + " s it is "
                    + streams.state()
                    + ", expected RUNNING. Look at the Kafka cluster, and at other members of the group "
                    + APPLICATION_ID + ".");
        }
    }

    public Health health() {
        KafkaStreams.State state = streams.state();
        return switch (state) {
            case RUNNING -> Health.ready("converting");
            case ERROR, NOT_RUNNING, PENDING_ERROR -> Health.dead("the stream threads have ended: " + state);
            default -> Health.notReady(state.name().toLowerCase(java.util.Locale.ROOT));
        };
    }

    @Override
    public void close() {
        streams.close(CLOSE_TIMEOUT);
    }
}
