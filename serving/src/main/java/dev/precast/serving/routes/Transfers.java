package dev.precast.serving.routes;

import dev.precast.serving.server.Connections;
import dev.precast.serving.server.Rounds;
import dev.precast.serving.upstream.BodyCheck;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The bodies on their way from the upstream to clients, and who keeps whom waiting. Thread-safe. */
final class Transfers {
    private final long upstreamNanos;
    private final long stallNanos;
    private final LongSupplier nanoTime;
    private final Set<Transfer> running = ConcurrentHashMap.newKeySet();
    private final Rounds<Transfer> rounds = new Rounds<>(running, Connections.SWEEPS);
    /** Since when. */
    private final Map<Exchange, Long> sending = new ConcurrentHashMap<>();

    private final Rounds<Map.Entry<Exchange, Long>> sendingRounds =
            new Rounds<>(sending.entrySet(), Connections.SWEEPS);
    private final Set<Exchange> waiting = ConcurrentHashMap.newKeySet();

    /**
     * @param upstreamTimeout of each piece
     * @param stallTimeout within which a client must have taken a little
     * @param nanoTime a clock that only goes forward
     */
    Transfers(Duration upstreamTimeout, Duration stallTimeout, LongSupplier nanoTime) {
        this.upstreamNanos = upstreamTimeout.toNanos();
        this.stallNanos = stallTimeout.toNanos();
        this.nanoTime = nanoTime;
    }

    /** The upstream has been asked. */
    void waiting(Exchange exchange) {
        waiting.add(exchange);
    }

    /** The upstream has answered, in whatever way. */
    void arrived(Exchange exchange) {
        waiting.remove(exchange);
    }

    /** A whole answer of ours has been given to a connection, and its client has not taken all of it. */
    void sending(Exchange exchange) {
        sending.put(exchange, nanoTime.getAsLong());
    }

    /**
     * A transfer for one body.
     *
     * @param check absent where no digest is known
     * @param length of the body in bytes as the upstream says with it; -1 where it does not
     * @param failed told once if the upstream breaks off, stalls or sends something else
     */
    Transfer add(Exchange exchange, @Nullable BodyCheck check, long length, Consumer<Throwable> failed) {
        Transfer transfer = new Transfer(exchange, check, length, failed, nanoTime, running::remove);
        running.add(transfer);
        return transfer;
    }

    /** Whether a connection on which nothing moves may be closed for it: not while it is the upstream that everyone waits for. */
    boolean idleMatters(Exchange exchange) {
        return !waiting.contains(exchange)
                && running.stream().noneMatch(transfer -> transfer.of(exchange) && transfer.waitsForUpstream());
    }

    /** Ends what has waited too long for either side. Looks at some only; called by one thread, as often as that of connections. */
    void sweep() {
        long now = nanoTime.getAsLong();
        rounds.step(transfer -> transfer.check(now, upstreamNanos, stallNanos));
        sendingRounds.step(entry -> {
            Exchange exchange = entry.getKey();
            boolean late = now - entry.getValue() > stallNanos;
            if (late && !exchange.over()) {
                exchange.sent(Exchange.Sent.BROKEN);
                exchange.failed(new TimeoutException("The client does not take its answer."));
            }
            if (late || exchange.over()) {
                sending.remove(exchange);
            }
        });
    }

    int size() {
        return running.size();
    }
}
