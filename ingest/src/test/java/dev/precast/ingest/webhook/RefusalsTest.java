package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void window_beginsWithTheFirst_andEndsAMinuteLater() throws Exception {
        Refusals refusals = new Refusals(2, nanos::get);
        InetAddress address = InetAddress.getByName("192.0.2.1");

        assertThat(refusals.oneMore(address)).isZero();
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());
        assertThat(refusals.oneMore(address)).isZero();
        assertThat(refusals.oneMore(address)).isEqualTo(40);
        nanos.addAndGet(Duration.ofSeconds(40).toNanos() - 1);
        assertThat(refusals.oneMore(address)).isEqualTo(1);
        nanos.addAndGet(1);
        assertThat(refusals.oneMore(address)).isZero();
    }

    @Test
    void addresses_areCountedApart_andNetworksOfIpv6Together() throws Exception {
        Refusals refusals = new Refusals(1, nanos::get);

        assertThat(refusals.oneMore(InetAddress.getByName("192.0.2.1"))).isZero();
        assertThat(refusals.oneMore(InetAddress.getByName("192.0.2.2"))).isZero();
        assertThat(refusals.oneMore(InetAddress.getByName("192.0.2.1"))).isPositive();
        assertThat(refusals.oneMore(InetAddress.getByName("2001:db8:0:1::1"))).isZero();
        assertThat(refusals.oneMore(InetAddress.getByName("2001:db8:0:1:ffff::2")))
                .isPositive();
        assertThat(refusals.oneMore(InetAddress.getByName("2001:db8:0:2::1"))).isZero();
    }

    @Test
    void manyAddresses_pushOutTheOldest() throws Exception {
        Refusals refusals = new Refusals(1, nanos::get);
        InetAddress first = InetAddress.getByName("192.0.2.1");
        refusals.oneMore(first);
        for (int i = 0; i < 10_000; i++) {
            refusals.oneMore(InetAddress.getByAddress(new byte[] {10, 0, (byte) (i >> 8), (byte) i}));
        }

        assertThat(refusals.oneMore(first)).isZero();
    }
}
