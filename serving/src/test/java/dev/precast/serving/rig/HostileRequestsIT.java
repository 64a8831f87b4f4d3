package dev.precast.serving.rig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.RawClient;
import dev.precast.serving.support.Serving;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every pair of path mutations on every route, requests that servers read differently, and random ones, over bare sockets: never a
 * 5xx, errors in the registry's form, and nothing asked of the upstream but what the distribution-spec knows.
 */
@ExtendWith(KafkaExtension.class)
class HostileRequestsIT {
    private static final int RANDOM = Integer.getInteger("rig.requests", 3_000);
    private static final long SEED = Long.getLong("rig.seed", System.nanoTime());
    private static final String NAME = "[a-z0-9]+(?:(?:\\.|_|__|-+|/)[a-z0-9]+)*";
    private static final String DIGEST = "(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})";
    private static final Pattern ALLOWED = Pattern.compile("/v2/|/v2/_catalog(?:\\?[a-z0-9=&/._-]*)?|/v2/" + NAME
            + "/(?:tags/list(?:\\?[A-Za-z0-9=&/._-]*)?|manifests/(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|" + DIGEST
            + ")|blobs/" + DIGEST + ")");
    private static final Set<String> ALLOWED_HEADERS = Set.of(
            "Accept",
            "Accept-encoding",
            "Authorization",
            "Range",
            "If-range",
            "If-none-match",
            "If-modified-since",
            "User-agent",
            "Host",
            "Connection",
            "Content-length");
    private static final int CHECK_EVERY = 500;

    private final Map<String, Integer> statuses = new TreeMap<>();
    private int upstreamRequests;

    @Test
    void nothingHostile_getsThrough(KafkaConfig kafka, @TempDir Path data) throws Exception {
        System.out.println("HostileRequestsIT: seed " + SEED);
        int pairs;
        try (FakeUpstream upstream = new FakeUpstream();
                Serving serving = Serving.start(kafka, upstream.url(), data).ready();
                RawClient client = new RawClient(serving.app().address())) {
            pairs = pairs(client);
            checkUpstream(upstream);
            smuggle(serving.app().address());
            checkUpstream(upstream);
            Random random = new Random(SEED);
            for (int i = 0; i < RANDOM; i++) {
                String request = HostilePaths.random(random);
                check(request, client.send(request, request.startsWith("HEAD ")), true);
                if (i % CHECK_EVERY == 0) {
                    checkUpstream(upstream);
                }
            }
            checkUpstream(upstream);
            assertThat(serving.http().get("/v2/").status()).isEqualTo(200);
        }
        new ReliabilityPage("Hostile requests", "build-bin/rig hostile " + RANDOM + " " + SEED, SEED)
                .row("pairs of path mutations on every route", pairs, "")
                .row("requests that two servers may read differently", HostilePaths.SMUGGLING.size(), "")
                .row("random requests", RANDOM, "")
                .rows(statuses)
                .row("answers of 500 and above, or not in the registry's form", 0, "0")
                .row("requests that reached the upstream", upstreamRequests, "")
                .row("of these outside the distribution-spec, or smuggled", 0, "0")
                .write();
        assertThat(statuses).containsKeys("status 400", "status 404", "status 405");
    }

    private int pairs(RawClient client) throws IOException {
        int sent = 0;
        for (String route : HostilePaths.ROUTES) {
            for (UnaryOperator<String> first : HostilePaths.MUTATIONS) {
                for (UnaryOperator<String> second : HostilePaths.MUTATIONS) {
                    String request = "GET " + second.apply(first.apply(route)) + " HTTP/1.1\r\nHost: a\r\n\r\n";
                    check(request, client.send(request, false), false);
                    sent++;
                }
            }
        }
        return sent;
    }

    private void smuggle(InetSocketAddress server) throws IOException {
        for (String input : HostilePaths.SMUGGLING) {
            try (RawClient client = new RawClient(server)) {
                int status = client.send(input, false).status();
                assertThat(status).as(input).isIn(0, 200, 400, 404, 405, 414, 426, 431);
                statuses.merge("status " + status, 1, Integer::sum);
            }
        }
    }

    private void check(String request, RawClient.Reply reply, boolean mayClose) {
        statuses.merge("status " + reply.status(), 1, Integer::sum);
        if (reply.status() == 0 && mayClose) {
            return; // Closed without a word: a connection that had been closed before, or bytes that are no request.
        }
        assertThat(reply.status()).as(request).isBetween(200, 499);
        assertThat(reply.head()).as(request).doesNotContainIgnoringCase("\r\nserver:");
        if (reply.status() >= 400) {
            assertThat(reply.head()).as(request).contains("Content-Type: application/json");
            assertThat(reply.body()).as(request).matches("(?s)|\\{\"errors\":\\[\\{\"code\":\".*");
        }
    }

    private void checkUpstream(FakeUpstream upstream) {
        for (FakeUpstream.Asked asked : upstream.asked()) {
            assertThat(asked.method()).isIn("GET", "HEAD");
            assertThat(asked.target()).matches(ALLOWED).doesNotContain("smuggled");
            assertThat(ALLOWED_HEADERS).containsAll(asked.headers().keySet());
        }
        upstreamRequests += upstream.asked().size();
        upstream.forget();
    }
}
