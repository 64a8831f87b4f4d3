package dev.precast.testkit;

import dev.precast.broker.BrokerProcess;
import dev.precast.broker.BrokerSettings;
import dev.precast.schemas.image.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;

/** A running Kafka for tests, however it runs. */
interface TestKafka extends AutoCloseable {
    String IMAGE = "apache/kafka:4.3.1";

    String bootstrapServers();

    @Override
    void close();

    /** @param mode {@code auto}, {@code docker} or {@code embedded} */
    static TestKafka start(String mode) {
        return switch (mode) {
            case "docker" -> container("test.kafka=docker");
            case "embedded" -> embedded("test.kafka=embedded");
            case "auto" -> dockerRuns() ? container("Docker runs") : embedded("Docker does not run here");
            default ->
                throw new IllegalArgumentException("Cannot start a Kafka for tests: found test.kafka=" + mode
                        + ", expected auto, docker or embedded.");
        };
    }

    private static boolean dockerRuns() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    private static TestKafka container(String why) {
        KafkaContainer container = new KafkaContainer(IMAGE)
                .withEnv("KAFKA_MESSAGE_MAX_BYTES", Integer.toString(Limits.MAX_RECORD_BYTES))
                .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
        container.start();
        say("the container " + IMAGE, why);
        return new TestKafka() {
            @Override
            public String bootstrapServers() {
                return container.getBootstrapServers();
            }

            @Override
            public void close() {
                container.stop();
            }
        };
    }

    private static TestKafka embedded(String why) {
        try {
            Path directory = Files.createTempDirectory("precast-test-kafka-");
            BrokerProcess broker = new BrokerProcess(
                    BrokerSettings.in(directory, Limits.MAX_RECORD_BYTES), notice -> System.err.println(notice));
            broker.start();
            say("the embedded broker at " + broker.bootstrapServers(), why);
            return new TestKafka() {
                @Override
                public String bootstrapServers() {
                    return broker.bootstrapServers();
                }

                @Override
                public void close() {
                    broker.close();
                    delete(directory);
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the broker started", e);
        }
    }

    private static void say(String which, String why) {
        System.err.println("Kafka for tests: " + which + " (" + why + ").");
    }

    private static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            System.err.println("Left behind: " + directory + " (" + e.getMessage() + ")");
        }
    }
}
