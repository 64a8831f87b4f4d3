package dev.precast.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerProcessIT {
    private static final int MAX_RECORD_BYTES = 16 << 20;
    private static final String TOPIC = "things";

    @TempDir
    Path temporary;

    @Test
    void restart_keepsDataAndPort() throws Exception {
        String address;
        try (BrokerProcess first = started(line -> {})) {
            address = first.bootstrapServers();
            createTopic(address);
            write(address, "before");
        }
        try (BrokerProcess second = started(line -> {})) {
            assertThat(second.bootstrapServers()).isEqualTo(address);
            assertThat(read(address, 1)).containsExactly("before");
        }
    }

    @Test
    void record_ofTheLargestSizeIsTaken() throws Exception {
        try (BrokerProcess broker = started(line -> {})) {
            createTopic(broker.bootstrapServers());
            String large = "x".repeat(MAX_RECORD_BYTES - 1024);
            write(broker.bootstrapServers(), large);
            assertThat(read(broker.bootstrapServers(), 1)).containsExactly(large);
        }
    }

    @Test
    void child_killedIsSaidAndStartedAgainWithWhatWasCommitted() throws Exception {
        BlockingQueue<String> notices = new LinkedBlockingQueue<>();
        try (BrokerProcess broker = started(notices::add)) {
            String address = broker.bootstrapServers();
            createTopic(address);
            write(address, "committed");
            ProcessHandle.of(broker.pid()).orElseThrow().destroyForcibly();
            assertThat(notices.poll(30, TimeUnit.SECONDS)).startsWith("The broker ended unexpectedly (exit code 137)");
            String again = "The broker runs again at " + address + ".";
            String notice = notices.poll(120, TimeUnit.SECONDS);
            // A start that fails is said too, and tried again.
            while (notice != null && !notice.equals(again)) {
                notice = notices.poll(120, TimeUnit.SECONDS);
            }
            assertThat(notice).isEqualTo(again);
            assertThat(read(address, 1)).containsExactly("committed");
        }
    }

    @Test
    void child_endsWhenItsParentIsKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        temporary.resolve("broker").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = parent.inputReader(StandardCharsets.UTF_8)) {
            long pid = Long.parseLong(lines.readLine());
            ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
            parent.destroyForcibly();
            assertThat(child.onExit().get(30, TimeUnit.SECONDS).isAlive()).isFalse();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void start_refusedWhenThePortIsTaken() throws Exception {
        try (BrokerProcess first = started(line -> {});
                BrokerProcess second = new BrokerProcess(
                        new BrokerSettings(temporary.resolve("second"), portOf(first), MAX_RECORD_BYTES, 128),
                        line -> {})) {
            assertThatThrownBy(second::start)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageStartingWith("Cannot start the broker: ")
                    .hasMessageContaining("Address already in use");
        }
    }

    /** A parent to be killed: says the pid of its broker, and waits. */
    static final class Parent {
        private Parent() {}

        public static void main(String[] arguments) throws Exception {
            try (BrokerProcess broker =
                    new BrokerProcess(BrokerSettings.in(Path.of(arguments[0]), MAX_RECORD_BYTES), line -> {})) {
                broker.start();
                System.out.println(broker.pid());
                Thread.sleep(Duration.ofMinutes(5).toMillis());
            }
        }
    }

    private BrokerProcess started(java.util.function.Consumer<String> notices) throws Exception {
        BrokerProcess broker =
                new BrokerProcess(BrokerSettings.in(temporary.resolve("broker"), MAX_RECORD_BYTES), notices);
        broker.start();
        return broker;
    }

    private static int portOf(BrokerProcess broker) {
        String address = broker.bootstrapServers();
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    private static void createTopic(String address) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
    }

    private static void write(String address, String value) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", address);
        properties.put("acks", "all");
        properties.put("max.request.size", MAX_RECORD_BYTES);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, value)).get();
        }
    }

    private static List<String> read(String address, int count) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", address);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> values = new java.util.ArrayList<>();
            for (int i = 0; i < 60 && values.size() < count; i++) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    values.add(record.value());
                }
            }
            return values;
        }
    }
}
