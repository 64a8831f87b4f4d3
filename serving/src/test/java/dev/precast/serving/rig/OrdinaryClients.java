package dev.precast.serving.rig;

import dev.precast.serving.support.RawClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Clients that ask for the same again and again, each over a connection of its own. */
final class OrdinaryClients {
    private OrdinaryClients() {}

    /**
     * What they saw.
     *
     * @param micros of every answer with the status that was wanted, sorted
     * @param refusedMicros of every 429, sorted
     * @param statuses how often each came
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Seen(long[] micros, long[] refusedMicros, Map<Integer, AtomicInteger> statuses, Duration lasted) {
        long percentile(double share) {
            return percentile(micros, share);
        }

        static long percentile(long[] sorted, double share) {
            return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)];
        }

        double perSecond() {
            return micros.length / (lasted.toMillis() / 1_000.0);
        }

        int other() {
            return statuses.entrySet().stream()
                    .filter(entry -> entry.getKey() != 200 && entry.getKey() != 429)
                    .mapToInt(entry -> entry.getValue().get())
                    .sum();
        }
    }

    /** What one request takes place in: when to send it, and what to do after a refusal. */
    private record Manner(long intervalNanos, long pauseMillis) {}

    /**
     * Each asks again as soon as it is answered.
     *
     * @param pauseMillis that a client waits after a 429, as it was told to
     */
    static Seen run(InetSocketAddress server, int clients, String path, Duration duration, long pauseMillis)
            throws InterruptedException {
        return run(server, clients, path, duration, new Manner(0, pauseMillis));
    }

    /**
     * Each asks so often a second, and its time counts from when it meant to: who was kept waiting before is late.
     *
     * @param perSecond of each client
     */
    static Seen paced(InetSocketAddress server, int clients, String path, Duration duration, int perSecond)
            throws InterruptedException {
        return run(server, clients, path, duration, new Manner(1_000_000_000L / perSecond, 0));
    }

    private static Seen run(InetSocketAddress server, int clients, String path, Duration duration, Manner manner)
            throws InterruptedException {
        List<Client> all = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < clients; i++) {
            long offset = manner.intervalNanos() * i / clients;
            Client client = new Client(server, path, start + offset, start + duration.toNanos(), manner);
            all.add(client);
            client.start();
        }
        for (Client client : all) {
            client.join();
        }
        Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
        all.forEach(client -> client.statuses.forEach((status, count) ->
                statuses.computeIfAbsent(status, s -> new AtomicInteger()).addAndGet(count)));
        return new Seen(
                sorted(all.stream().flatMap(client -> client.good.stream())),
                sorted(all.stream().flatMap(client -> client.refused.stream())),
                statuses,
                Duration.ofNanos(System.nanoTime() - start));
    }

    private static final class Client extends Thread {
        private final InetSocketAddress server;
        private final String request;
        private final long start;
        private final long end;
        private final Manner manner;
        private final List<Long> good = new ArrayList<>();
        private final List<Long> refused = new ArrayList<>();
        private final Map<Integer, Integer> statuses = new HashMap<>();

        Client(InetSocketAddress server, String path, long start, long end, Manner manner) {
            this.server = server;
            this.request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
            this.start = start;
            this.end = end;
            this.manner = manner;
        }

        @Override
        public void run() {
            try (RawClient client = new RawClient(server)) {
                for (long next = start; System.nanoTime() < end; next += manner.intervalNanos()) {
                    long meant = manner.intervalNanos() == 0 ? System.nanoTime() : until(next);
                    int status = client.send(request, false).status();
                    count(status, (System.nanoTime() - meant) / 1_000);
                    if (status == 429) {
                        Thread.sleep(manner.pauseMillis());
                    }
                }
            } catch (IOException | InterruptedException e) {
                statuses.merge(-1, 1, Integer::sum);
            }
        }

        /** Waits; returns when it was to be, or when it was if only the waiting took longer. */
        private static long until(long moment) throws InterruptedException {
            long wait = moment - System.nanoTime();
            if (wait <= 0) {
                return moment;
            }
            TimeUnit.NANOSECONDS.sleep(wait);
            return System.nanoTime();
        }

        private void count(int status, long micros) {
            statuses.merge(status, 1, Integer::sum);
            if (status == 200) {
                good.add(micros);
            } else if (status == 429) {
                refused.add(micros);
            }
        }
    }

    private static long[] sorted(Stream<Long> values) {
        long[] sorted = values.mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
