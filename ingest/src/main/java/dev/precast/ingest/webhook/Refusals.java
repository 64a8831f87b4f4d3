package dev.precast.ingest.webhook;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many requests of an address had no accepted secret, within a minute from the first. Of IPv6 the network of 64 bits counts: one
 * sender may use all of it. Only so many addresses are remembered, those seen last. Thread-safe.
 */
final class Refusals {
    private static final int MAX_ADDRESSES = 10_000;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private static final class Count {
        private final long begun;
        private int refused;

        Count(long begun) {
            this.begun = begun;
        }
    }

    private final int perMinute;
    private final LongSupplier nanoTime;
    private final Map<ByteBuffer, Count> counts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Count> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    /**
     * @param perMinute 0: no limit
     * @param nanoTime a clock that only goes forward
     */
    Refusals(int perMinute, LongSupplier nanoTime) {
        this.perMinute = perMinute;
        this.nanoTime = nanoTime;
    }

    /** Counts one more. The seconds after which it may try again if these are too many, else 0. */
    synchronized long oneMore(InetAddress address) {
        if (perMinute == 0) {
            return 0;
        }
        long now = nanoTime.getAsLong();
        Count count = counts.compute(
                network(address),
                (network, before) -> before == null || now - before.begun >= MINUTE ? new Count(now) : before);
        count.refused++;
        long left = MINUTE - (now - count.begun);
        return count.refused <= perMinute ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toSeconds(left));
    }

    private static ByteBuffer network(InetAddress address) {
        byte[] bytes = address.getAddress();
        return ByteBuffer.wrap(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
    }
}
