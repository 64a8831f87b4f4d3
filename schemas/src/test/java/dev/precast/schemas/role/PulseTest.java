package dev.precast.schemas.role;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PulseTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Pulse pulse = new Pulse(nanos::get);

    @Test
    void pause_upToTheLimit_isNone() {
        nanos.addAndGet(Pulse.STANDSTILL.toNanos());
        assertThat(pulse.standstills()).isZero();
        nanos.addAndGet(Pulse.STANDSTILL.toNanos());
        assertThat(pulse.standstills()).isZero();
    }

    @Test
    void standstill_isNoticedOnce_byWhoeverAsksFirst() {
        nanos.addAndGet(Pulse.STANDSTILL.toNanos() + 1);

        assertThat(pulse.standstills()).isEqualTo(1);
        assertThat(pulse.standstills()).isEqualTo(1);
        nanos.addAndGet(Pulse.STANDSTILL.toNanos() + 1);
        assertThat(pulse.standstills()).isEqualTo(2);
    }
}
