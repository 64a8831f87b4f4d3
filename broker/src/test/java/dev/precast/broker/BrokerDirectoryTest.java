package dev.precast.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerDirectoryTest {
    @TempDir
    Path temporary;

    @Test
    void take_refusedWhileAnotherHasIt() throws Exception {
        try (BrokerDirectory first = take(temporary, "4.3.1")) {
            assertThat(first.formatted()).isFalse();
            assertThatThrownBy(() -> take(temporary, "4.3.1"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another broker uses it");
        }
        take(temporary, "4.3.1").close();
    }

    @Test
    void take_refusedWhenWrittenByANewerKafka() throws Exception {
        try (BrokerDirectory newer = take(temporary, "4.10.0")) {
            newer.remember("4.10.0", 9092);
        }
        assertThatThrownBy(() -> take(temporary, "4.3.1"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("found data of Kafka 4.10.0, expected Kafka 4.3.1 or older");
    }

    @Test
    void take_acceptedWhenWrittenByAnOlderKafka_andThePortRemembered() throws Exception {
        try (BrokerDirectory older = take(temporary, "4.3.1")) {
            older.remember("4.3.1", 12345);
        }
        try (BrokerDirectory same = take(temporary, "4.10.0")) {
            assertThat(same.lastPort()).isEqualTo(12345);
        }
    }

    @Test
    void take_refusedWhenThePathHasAComma() {
        assertThatThrownBy(() -> take(temporary.resolve("a,b"), "4.3.1"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("comma");
    }

    private static BrokerDirectory take(Path directory, String version) throws Exception {
        return BrokerDirectory.take(directory, version, Duration.ZERO);
    }
}
