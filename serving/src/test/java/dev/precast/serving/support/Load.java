package dev.precast.serving.support;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Several clients that ask for the same again and again, with connections kept, and check every answer. */
public final class Load {
    private static final int CLIENTS = 4;
    private static final double MICROS_IN_MILLI = 1_000;

    private final HttpRequest request;
    private final String expected;
    private final ConcurrentLinkedQueue<Long> micros = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();

    /** @param expected body of a 200; anything else is an error */
    public Load(InetSocketAddress server, String path, String expected) {
        this.request = HttpRequest.newBuilder(
                        URI.create("http://" + server.getHostString() + ":" + server.getPort() + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        this.expected = expected;
    }

    /** Asks for so long. */
    public Load run(int seconds) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Thread client = new Thread(() -> ask(end));
            client.start();
            clients.add(client);
        }
        for (Thread client : clients) {
            client.join();
        }
        return this;
    }

    private void ask(long end) {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        while (System.nanoTime() - end < 0) {
            long start = System.nanoTime();
            try {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200 || !answer.body().equals(expected)) {
                    errors.add(answer.statusCode() + " " + answer.body());
                }
                Thread.sleep(2); // Some hundred a second: the machine has other things to do as well.
            } catch (IOException | InterruptedException e) {
                errors.add(e.toString());
            }
            micros.add((System.nanoTime() - start) / 1_000);
        }
    }

    public int errors() {
        return errors.size();
    }

    /** Count, and how long they took. */
    public String summary() {
        long[] sorted = micros.stream().mapToLong(Long::longValue).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%d, p50 %.1f ms, p99 %.1f ms%s",
                sorted.length,
                sorted[sorted.length / 2] / MICROS_IN_MILLI - 2,
                sorted[Math.min(sorted.length - 1, sorted.length * 99 / 100)] / MICROS_IN_MILLI - 2,
                errors.isEmpty()
                        ? ""
                        : ", first error: " + Arrays.asList(errors.toArray()).get(0));
    }
}
