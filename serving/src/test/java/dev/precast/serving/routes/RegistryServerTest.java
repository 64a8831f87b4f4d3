package dev.precast.serving.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryServerTest {
    @ParameterizedTest
    @CsvSource({"60000, 59500", "1000, 500", "999, 500", "499, 250", "100, 50"})
    void untilLooked_leavesTimeForALook_andSomeForTheClient(long stallTimeout, long left) {
        assertThat(RegistryServer.untilLooked(Duration.ofMillis(stallTimeout))).isEqualTo(Duration.ofMillis(left));
    }
}
