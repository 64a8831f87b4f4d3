package dev.precast.converter;

import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.converter.keys.KeySource;
import dev.precast.converter.keys.KeyTopic;
import dev.precast.converter.topology.ConverterStreams;
import dev.precast.converter.topology.KeyTable;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.schemas.role.Health;
import dev.precast.schemas.role.Role;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.KeyException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The converter role: reads the keys, runs the topology, and keeps looking at the keys. */
public final class ConverterApp implements Role {
    private static final Logger LOG = LoggerFactory.getLogger(ConverterApp.class);
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);

    private final ConverterConfig config;
    private final KafkaConfig kafka;
    private final MeterRegistry meters;
    private final Clock clock;
    private final EphemeralKey ephemeral = new EphemeralKey(new SecureRandom());
    private volatile @Nullable ConverterStreams streams;
    private volatile @Nullable ConverterWatch watch;

    public ConverterApp(ConverterConfig config, KafkaConfig kafka, Clock clock, MeterRegistry meters) {
        this.config = config;
        this.kafka = kafka;
        this.clock = clock;
        this.meters = meters;
    }

    @Override
    public String name() {
        return "converter";
    }

    @Override
    public void start() throws KeyException, InterruptedException, ExecutionException {
        KeySource source = new KeySource(config.keys());
        HeldKeys held = source.read();
        StateWriter writer = new StateWriter(kafka);
        ConverterWatch watching = new ConverterWatch(source, writer, clock);
        watch = watching;
        announce(writer, held);
        KeyTable keys = new KeyTable(held);
        ConverterStreams started = new ConverterStreams(config, kafka, keys, ephemeral::get, clock, meters);
        streams = started;
        started.start(START_PATIENCE);
        watching.start(started, keys);
    }

    /** Before anything is signed, so that a key that is there from the beginning signs from the beginning. */
    private void announce(StateWriter writer, HeldKeys held) throws InterruptedException, ExecutionException {
        KeyRing ring = KeyTopic.read(kafka);
        Map<String, SigningKeyRecord> said = writer.announce(held, ring, clock.instant());
        if (!said.isEmpty()) {
            LOG.info("Announced keys: {}", held.byId().keySet());
        }
        boolean anyKey = !held.isEmpty() || !ring.signing(clock.instant()).isEmpty();
        if (!anyKey) {
            LOG.warn("No signing key is there: an RSA-2048 key for this run only is used, so nobody can pin it."
                    + " Make a lasting one with `precast keys generate`.");
        }
    }

    @Override
    public Health health() {
        ConverterStreams now = streams;
        return now == null ? Health.notReady("not started") : now.health(clock.instant());
    }

    /** Whether only the operator can make it ready: it runs, and has no file of a key that should sign. */
    public boolean lacksAKeyFile() {
        ConverterStreams now = streams;
        return now != null && now.lacksAKeyFile(clock.instant());
    }

    @Override
    public void close() {
        ConverterWatch watching = watch;
        if (watching != null) {
            watching.stop();
        }
        ConverterStreams now = streams;
        if (now != null) {
            now.close();
        }
        if (watching != null) {
            watching.close();
        }
    }

    /** Made when it is first asked for: most converters never need it, and making it takes a moment. */
    private static final class EphemeralKey {
        private final SecureRandom random;
        private @Nullable SigningKey key;

        EphemeralKey(SecureRandom random) {
            this.random = random;
        }

        synchronized SigningKey get() {
            if (key == null) {
                key = SigningKey.generateRsa(random);
            }
            return key;
        }
    }
}
