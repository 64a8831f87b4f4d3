package dev.precast.serving.rig;

import dev.precast.serving.support.RawClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that ask as fast as they are answered, each over a connection of its own. */
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

    /** @param pauseMillis that a client waits after a 429, as it was told to */
    static Seen run(InetSocketAddress server, int clients, String path, Duration duration, long pauseMillis)
            throws InterruptedException {
        List<Long> good = new ArrayList<>();
        List<Long> refused = new ArrayList<>();
        Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(() -> {
                List<Long> mine = new ArrayList<>();
                List<Long> mineRefused = new ArrayList<>();
                try (RawClient client = new RawClient(server)) {
                    while (System.nanoTime() - start < duration.toNanos()) {
                        long before = System.nanoTime();
                        int status = client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n", false)
                                .status();
                        long micros = (System.nanoTime() - before) / 1_000;
                        statuses.computeIfAbsent(status, s -> new AtomicInteger())
                                .incrementAndGet();
                        if (status == 200) {
                            mine.add(micros);
                        } else if (status == 429) {
                            mineRefused.add(micros);
                            Thread.sleep(pauseMillis);
                        }
                    }
                } catch (IOException | InterruptedException e) {
                    statuses.computeIfAbsent(-1, s -> new AtomicInteger()).incrementAndGet();
                }
                synchronized (good) {
                    good.addAll(mine);
                    refused.addAll(mineRefused);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return new Seen(sorted(good), sorted(refused), statuses, Duration.ofNanos(System.nanoTime() - start));
    }

    private static long[] sorted(List<Long> values) {
        long[] sorted = values.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
