package dev.precast.e2e.keys;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.e2e.client.RegistryReader;
import dev.precast.launcher.cluster.KeysTopic;
import dev.precast.launcher.cluster.SettingsTopic;
import dev.precast.launcher.cluster.WalksTopic;
import dev.precast.schemas.config.RegistryKeys;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.schemas.record.WalkReport.Position;
import dev.precast.serving.AuthConfig;
import dev.precast.serving.ServingApp;
import dev.precast.serving.ServingConfig;
import dev.precast.serving.keys.PublishedKeys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Serving, converters in processes of their own, and what an operator does with keys. One thread at a time. */
final class RotationRig implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path folder;
    private final KafkaConfig kafka;
    private final Path keyDirectory;
    private final ServingApp serving;
    private final List<ConverterProcess> converters = new ArrayList<>();
    private final List<String> secrets = new ArrayList<>();
    private final KeysTopic keys;
    private final WalksTopic walks;

    RotationRig(Path folder, KafkaConfig kafka) throws Exception {
        this.folder = folder;
        this.kafka = kafka;
        this.keyDirectory = Files.createDirectories(folder.resolve("keys"));
        this.keys = new KeysTopic(kafka);
        this.walks = new WalksTopic(kafka, Clock.systemUTC());
        Map<String, String> values = Map.of(
                ServingConfig.LISTEN, "127.0.0.1:0",
                RegistryKeys.URL, "http://127.0.0.1:1",
                AuthConfig.MODE, "open",
                AuthConfig.OPEN, "*",
                ServingConfig.DATA, folder.resolve("serving").toString());
        this.serving = new ServingApp(ServingConfig.from(values), kafka, Clock.systemUTC(), new SimpleMeterRegistry());
        serving.start();
        new SettingsTopic(kafka).write(Map.of(new RepositoryPattern("*"), new RepositorySettings(true, List.of())));
    }

    RegistryReader served() {
        return new RegistryReader(URI.create("http://" + serving.address().getHostString() + ":"
                + serving.address().getPort()));
    }

    String jwks() {
        return PublishedKeys.jwks(serving.keys());
    }

    ConverterProcess startConverter() {
        ConverterProcess converter =
                ConverterProcess.start(folder.resolve("converter" + converters.size()), kafka, keyDirectory);
        converters.add(converter);
        return converter;
    }

    List<ConverterProcess> alive() {
        return converters.stream().filter(ConverterProcess::isAlive).toList();
    }

    /** Puts a new key into the key directory. */
    String generate() throws Exception {
        SigningKey key = SigningKey.generateEc(new SecureRandom());
        secrets.addAll(Canary.formsOf(put(key)));
        return key.keyId();
    }

    /** As above, RSA with 4096 bits: it signs so slowly that a walk can be met in the middle. */
    String generateRsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(4096);
        byte[] encoded = generator.generateKeyPair().getPrivate().getEncoded();
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
                + "\n-----END PRIVATE KEY-----\n";
        SigningKey key = KeyFiles.parse(pem, "of 4096 bits");
        put(key);
        return key.keyId();
    }

    private Path put(SigningKey key) throws Exception {
        Path file = keyDirectory.resolve(key.keyId().replace(':', '-') + ".pem");
        KeyFiles.write(file, key);
        return file;
    }

    /** Makes a key that the converters know the active one; gives what the walks must cover then. */
    Position rotate(String keyId, Duration overlap) throws Exception {
        SigningKeyRecord next = Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> keys.read().find(keyId).orElse(null), found -> found != null);
        Instant now = Instant.now();
        List<SigningKeyRecord> states = new ArrayList<>();
        states.add(with(next, KeyState.ACTIVE, now, null));
        KeyRing ring = keys.read();
        ring.in(KeyState.ACTIVE).stream()
                .filter(active -> !active.keyId().equals(keyId))
                .forEach(active ->
                        states.add(with(active, KeyState.PREVIOUS, now, overlap.isZero() ? null : now.plus(overlap))));
        return new Position(-1, keys.write(states), -1);
    }

    Path folder() {
        return folder;
    }

    void awaitWalk(Position target) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        walks.await(target, sum -> {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("The walk does not end: " + sum);
            }
        });
    }

    WalksTopic walks() {
        return walks;
    }

    /** Where private halves were found: in a topic, a log, a metric, a file of serving. Empty if all is well. */
    List<String> leaks() throws Exception {
        // One that was started a moment ago has no metrics yet.
        alive().forEach(ConverterProcess::awaitReady);
        List<String> leaks = new ArrayList<>();
        for (ConverterProcess converter : converters) {
            leaks.addAll(Canary.in("a converter", converter.everythingSaid(), secrets));
        }
        leaks.addAll(Canary.in("the published keys", jwks() + PublishedKeys.ids(serving.keys()), secrets));
        leaks.addAll(Canary.inTopics(kafka, secrets));
        return leaks;
    }

    private static SigningKeyRecord with(SigningKeyRecord key, KeyState state, Instant since, @Nullable Instant until) {
        return new SigningKeyRecord(key.keyId(), key.jwk(), state, since, until);
    }

    @Override
    public void close() {
        converters.forEach(ConverterProcess::close);
        serving.close();
    }
}
