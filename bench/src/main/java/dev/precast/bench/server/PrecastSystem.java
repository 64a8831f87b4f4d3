package dev.precast.bench.server;

import dev.precast.bench.tool.ProcessUsage;
import dev.precast.bench.tool.Program;
import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.testkit.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A broker, and the roles of {@code ./precast} as an operator starts them, each a process of its own. Starts with empty topics and
 * conversion on for everything. Confined to one thread.
 */
public final class PrecastSystem implements AutoCloseable {
    private static final int PARTITIONS = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    private final Path home;
    private final Path work;
    private final URI registry;
    private final KafkaConfig kafka;
    private final Brokers brokers;
    private final Map<String, Role> roles = new HashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    /** Asked all the time, so it is not made anew each time. */
    private final Admin offsets;

    /** A running role. */
    public record Role(Program program, int port, int adminPort) {
        public URI uri() {
            return URI.create("http://127.0.0.1:" + port);
        }
    }

    private PrecastSystem(Path home, Path work, URI registry, Brokers brokers, KafkaConfig kafka) {
        this.home = home;
        this.work = work;
        this.registry = registry;
        this.brokers = brokers;
        this.kafka = kafka;
        this.offsets = Admin.create(kafka.clientProperties("bench-offsets"));
    }

    /** With one broker, as {@code precast up} has it. */
    public static PrecastSystem start(Path home, Path work, URI registry, SigningKey key)
            throws IOException, InterruptedException, ExecutionException {
        return start(home, work, registry, key, Brokers.one(work.resolve("kafka")), 1);
    }

    /**
     * @param home of the project, where the {@code precast} script is
     * @param work takes everything that is written
     * @param registry the upstream
     * @param key that signs
     * @param brokers closed with the system
     * @param replicas of every topic
     */
    public static PrecastSystem start(Path home, Path work, URI registry, SigningKey key, Brokers brokers, int replicas)
            throws IOException, InterruptedException, ExecutionException {
        KafkaConfig kafka = new KafkaConfig(brokers.bootstrapServers(), PARTITIONS, (short) replicas, false, Map.of());
        try (Admin admin = Admin.create(kafka.clientProperties("bench-admin"))) {
            TopicAdmin topics = new TopicAdmin(admin, kafka);
            topics.apply(topics.plan());
        }
        KeyFiles.write(work.resolve("signing.pem"), key);
        PrecastSystem system = new PrecastSystem(home, work, registry, brokers, kafka);
        system.send(TopicCatalogue.SETTINGS, Stream.of(Map.entry("*", new RepositorySettings(true, List.of()))));
        return system;
    }

    /** Image records, as ingest writes them. Returns when all are acknowledged. */
    public void sendImages(Stream<ImageRecord> images) {
        send(TopicCatalogue.IMAGES, images.map(image -> Map.entry(image.repository() + ":" + image.tag(), image)));
    }

    private <V> void send(Topic<V> topic, Stream<Map.Entry<String, V>> records) {
        Map<String, Object> properties = new HashMap<>();
        kafka.producerProperties("bench").forEach((name, value) -> properties.put((String) name, value));
        properties.put("linger.ms", 20);
        properties.put("batch.size", 256 << 10);
        try (KafkaProducer<String, V> producer = new KafkaProducer<>(
                properties, new StringSerializer(), topic.valueSerde().serializer())) {
            int partitions = producer.partitionsFor(topic.name()).size();
            AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
            records.forEach(record -> {
                Future<?> unused = producer.send(
                        new ProducerRecord<>(
                                topic.name(),
                                topic.partitioned() ? TopicCatalogue.partition(record.getKey(), partitions) : 0,
                                record.getKey(),
                                record.getValue()),
                        (metadata, e) -> {
                            if (e != null) {
                                failure.compareAndSet(null, e);
                            }
                        });
            });
            producer.flush();
            if (failure.get() != null) {
                throw new IllegalStateException("Cannot write to " + topic.name() + ".", failure.get());
            }
        }
    }

    /** As {@link #startInstance}, the only one of its role. */
    public Role start(String role, String... options) throws IOException, InterruptedException {
        return startInstance(role, role, options);
    }

    /**
     * Starts an instance of a role, again on the data of its last start, and returns when it is ready.
     *
     * @param instance name of its data directory and log
     */
    public Role startInstance(String role, String instance, String... options)
            throws IOException, InterruptedException {
        int port = Ports.free();
        int adminPort = Ports.free();
        List<String> command = new ArrayList<>(List.of(
                home.resolve("precast").toString(),
                role,
                "--kafka",
                kafka.bootstrapServers(),
                "--data",
                work.resolve(instance).toString(),
                "--admin-listen",
                "127.0.0.1:" + adminPort));
        if (role.equals("converter")) {
            command.addAll(List.of("--key", work.resolve("signing.pem").toString()));
        } else {
            String listen = role.equals("ingest") ? "--events-listen" : "--listen";
            command.addAll(List.of(listen, "127.0.0.1:" + port, "--registry", registry.toString()));
        }
        if (role.equals("serving")) {
            // The peers ask nobody who may read, either.
            command.addAll(List.of("--set", "serving.auth=open", "--set", "serving.open.repositories=*"));
        }
        command.addAll(List.of(options));
        Role started = new Role(Program.start(work.resolve(instance + ".log"), command), port, adminPort);
        roles.put(instance, started);
        URI ready = URI.create("http://127.0.0.1:" + adminPort + "/health/ready");
        await(() -> !started.program().alive() || status(ready) == 200, instance + " to be ready");
        if (!started.program().alive()) {
            throw new IOException(
                    "Cannot start " + instance + ": " + started.program().output());
        }
        return started;
    }

    public void stop(String instance) {
        Role role = roles.remove(instance);
        if (role != null) {
            role.program().close();
        }
    }

    /** Ends an instance as a crash does. */
    public void kill(String instance) throws InterruptedException {
        Role role = roles.remove(instance);
        if (role != null) {
            role.program().kill();
        }
    }

    /** How many records were ever written to the topic. */
    public long written(Topic<?> topic) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        int partitions = topic.partitioned() ? PARTITIONS : 1;
        IntStream.range(0, partitions)
                .forEach(i -> wanted.put(new TopicPartition(topic.name(), i), OffsetSpec.latest()));
        return offsets.listOffsets(wanted).all().get().values().stream()
                .mapToLong(offset -> offset.offset())
                .sum();
    }

    /** Bytes of the topic on the broker's disk, compressed as they are. */
    public long bytes(Topic<?> topic) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(kafka.clientProperties("bench-sizes"))) {
            int node = admin.describeCluster().nodes().get().iterator().next().id();
            return admin.describeLogDirs(List.of(node)).allDescriptions().get().values().stream()
                    .flatMap(directories -> directories.values().stream())
                    .flatMap(directory -> directory.replicaInfos().entrySet().stream())
                    .filter(replica -> replica.getKey().topic().equals(topic.name()))
                    .mapToLong(replica -> replica.getValue().size())
                    .sum();
        }
    }

    /** Waits until so many records were written to the topic; gives the seconds from {@code since} until then. */
    public double awaitWritten(Topic<?> topic, long count, long since)
            throws IOException, ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (written(topic) < count) {
            if (System.nanoTime() > deadline) {
                throw new IOException("Only " + written(topic) + " of " + count + " records came to " + topic.name());
            }
            Thread.sleep(50);
        }
        return (System.nanoTime() - since) / 1e9;
    }

    /** Polls without a pause of a length that shows. */
    public void await(BooleanSupplier condition, String what) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("Waited " + PATIENCE + " for " + what);
            }
            Thread.sleep(10);
        }
    }

    /** 0 when nothing answers. */
    public int status(URI uri) {
        try {
            return http.send(
                            HttpRequest.newBuilder(uri)
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    public ProcessUsage brokerUsage() {
        return new ProcessUsage(brokers.pids());
    }

    @Override
    public void close() {
        List.copyOf(roles.keySet()).forEach(this::stop);
        offsets.close();
        brokers.close();
    }
}
