package dev.precast.converter;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.topology.ConverterStreams;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.role.Health;
import dev.precast.schemas.role.Role;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.security.KeyException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The converter role: loads the keys, runs the topology. */
public final class ConverterApp implements Role {
    private static final Logger LOG = LoggerFactory.getLogger(ConverterApp.class);
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);

    private final ConverterConfig config;
    private final KafkaConfig kafka;
    private final MeterRegistry meters;
    private volatile @Nullable ConverterStreams streams;

    public ConverterApp(ConverterConfig config, KafkaConfig kafka, MeterRegistry meters) {
        this.config = config;
        this.kafka = kafka;
        this.meters = meters;
    }

    @Override
    public String name() {
        return "converter";
    }

    @Override
    public void start() throws KeyException, InterruptedException {
        List<SigningKey> keys = keys();
        boolean ephemeral = config.keys().isEmpty();
        ConverterStreams started = new ConverterStreams(config, kafka, keys, ephemeral, meters);
        streams = started;
        started.start(START_PATIENCE);
        LOG.info("Signing with {}", keys.stream().map(SigningKey::keyId).collect(Collectors.joining(", ")));
    }

    @Override
    public Health health() {
        ConverterStreams now = streams;
        return now == null ? Health.notReady("not started") : now.health();
    }

    @Override
    public void close() {
        ConverterStreams now = streams;
        if (now != null) {
            now.close();
        }
    }

    private List<SigningKey> keys() throws KeyException {
        if (config.keys().isEmpty()) {
            LOG.warn(
                    "No signing key is configured: an RSA-2048 key for this run only is used, so nobody can pin it. Make one with"
                            + " `openssl ecparam -name prime256v1 -genkey -noout -out key.pem` and name it with --key key.pem.");
            return List.of(SigningKey.generateRsa(new SecureRandom()));
        }
        List<SigningKey> keys = new ArrayList<>();
        for (Path file : config.keys()) {
            keys.add(KeyFiles.read(file));
        }
        return keys;
    }
}
