package dev.precast.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.launcher.Precast;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.testkit.KafkaExtension;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Letters that are large, or none, in a JVM with as little memory as commands have. */
@ExtendWith(KafkaExtension.class)
class DeadLettersIT {
    private static final int MANY = 100;

    @TempDir
    Path temporary;

    private KafkaConfig kafka;
    private KafkaProducer<String, byte[]> producer;

    @BeforeEach
    void connect(KafkaConfig config) {
        kafka = config;
        producer = new KafkaProducer<>(
                config.producerProperties("test"), new StringSerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void close() {
        producer.close();
    }

    @Test
    void letters_thatAreLargeAndSomeThatAreNone_areListedAndTriedOneAtATime() throws Exception {
        byte[] large = new byte[1 << 20];
        for (int i = 0; i < MANY; i++) {
            write(RecordJson.write(
                    DeadLetter.received("generic", "MALFORMED_EVENT", "large", large, Instant.EPOCH, Map.of())));
        }
        write(json("{'source':'generic','reason':'R','message':null,'raw':'','receivedAt':'1970-01-01T00:00:00Z'}"));
        write(json("{'reason':'R','message':'m','raw':'','receivedAt':'1970-01-01T00:00:00Z'}"));
        write(json("{'source':'generic','reason':'R','message':'m','raw':'%','receivedAt':'1970-01-01T00:00:00Z'}"));
        write(json("{'source':'generic','reason':'R','message':'last','raw':'"
                + java.util.Base64.getEncoder()
                        .encodeToString("{\"repository\":\"a/b\",\"tag\":\"v1\"}".getBytes(StandardCharsets.UTF_8))
                + "','receivedAt':'1970-01-01T00:00:00Z'}"));

        List<String> listed = run(0, "list", "--limit", "200");
        assertThat(listed).hasSize(1 + MANY + 4);
        assertThat(listed.get(MANY)).contains("large");
        assertThat(listed.subList(1 + MANY, 1 + MANY + 3)).allMatch(line -> line.contains("UNREADABLE"));
        assertThat(listed.get(1 + MANY + 3)).contains("last");
        assertThat(run(0, "list", "--limit", "90", "--json")).hasSize(90);
        assertThat(run(1, "retry", "--all"))
                .hasSize(MANY + 4)
                .last()
                .asString()
                .contains("To be looked at again: a/b:v1");
        assertThat(run(1, "retry", "0:0101", "0:103", "0:104", "7:1"))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("0:101 ").contains("no dead letter"),
                        line -> assertThat(line).startsWith("0:103 ").contains("To be looked at again: a/b:v1"),
                        line -> assertThat(line).startsWith("0:104 ").contains("Not found"),
                        line -> assertThat(line).startsWith("7:1 ").contains("Not found"));
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private void write(byte[] letter) throws Exception {
        producer.send(new ProducerRecord<>(TopicCatalogue.DEAD_LETTERS.name(), "generic", letter))
                .get();
    }

    private List<String> run(int expected, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Precast.class.getName(),
                "dead-letters"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--kafka", kafka.bootstrapServers()));
        Path out = temporary.resolve("out");
        Path err = temporary.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(expected);
            return Files.readAllLines(out);
        } finally {
            process.destroyForcibly();
        }
    }
}
