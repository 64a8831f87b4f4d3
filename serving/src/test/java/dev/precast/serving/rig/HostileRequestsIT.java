package dev.precast.serving.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.RawClient;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.TestTokens;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every pair of path mutations on every route, requests that servers read differently, and random ones, over bare sockets, against
 * a repository that is converted: never a 5xx, errors in the registry's form, and nothing asked of the upstream but what the
 * distribution-spec knows. A tenth of the random ones, and single mutations, in the modes in which Precast decides who may read,
 * with a credential that opens the repository.
 */
@ExtendWith(KafkaExtension.class)
class HostileRequestsIT {
    private static final int RANDOM = Integer.getInteger("rig.requests", 3_000);
    private static final long SEED = Long.getLong("rig.seed", System.nanoTime());
    private static final String NAME = "[a-z0-9]+(?:(?:\\.|_|__|-+|/)[a-z0-9]+)*";
    private static final String DIGEST = "(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})";
    private static final Pattern ALLOWED = Pattern.compile("/v2/|/v2/_catalog(?:\\?[a-z0-9=&/._-]*)?|/v2/" + NAME
            + "/(?:tags/list(?:\\?[A-Za-z0-9=&/._-]*)?|manifests/(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|" + DIGEST
            + ")|blobs/" + DIGEST + "|referrers/" + DIGEST + "(?:\\?artifactType=[A-Za-z0-9%._-]*)?)");
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
    private static final String REPOSITORY = "a/b";
    private static final String MANIFEST = "/v2/a/b/manifests/v1";

    private final Map<String, Integer> statuses = new TreeMap<>();
    private final Map<String, Integer> converted = new TreeMap<>();
    private final Random random = new Random(SEED);
    private final FakeUpstream upstream = new FakeUpstream();
    private int paths;
    private int randoms;
    private int upstreamRequests;

    /**
     * Who decides about callers.
     *
     * @param credential a header line that opens the repository; empty where none is needed
     */
    private record Mode(String name, String credential, List<String> settings) {
        boolean delegated() {
            return name.equals("upstream");
        }
    }

    @Test
    void nothingHostile_getsThrough(KafkaConfig kafka, @TempDir Path data) throws Exception {
        System.out.println("HostileRequestsIT: seed " + SEED);
        try (VariantTopic topic = new VariantTopic(kafka)) {
            publish(topic);
            for (Mode mode : List.of(new Mode("upstream", "", List.of()), htpasswd(data), token(data))) {
                Path view = Files.createDirectory(data.resolve(mode.name()));
                try (Serving serving = Serving.start(
                                kafka, upstream.url(), view, mode.settings().toArray(new String[0]))
                        .ready()) {
                    attack(serving, mode);
                }
            }
        } finally {
            upstream.close();
        }
        new ReliabilityPage("Hostile requests", "build-bin/rig hostile " + RANDOM + " " + SEED, SEED)
                .row("paths with one or two mutations, on every route", paths, "")
                .row("requests that two servers may read differently, in each mode", HostilePaths.SMUGGLING.size(), "")
                .row("random requests", randoms, "")
                .rows(statuses)
                .rows(converted)
                .row("answers of 500 and above, or not in the registry's form", 0, "0")
                .row("requests that reached the upstream", upstreamRequests, "")
                .row("of these outside the distribution-spec, or smuggled", 0, "0")
                .row("of these with a caller's credential that is Precast's to check", 0, "0")
                .write();
        assertThat(statuses).containsKeys("status 400", "status 401", "status 404", "status 405");
        assertThat(converted).hasSize(3);
    }

    private void publish(VariantTopic topic) {
        topic.enable("a/*");
        VariantManifest built = Images.schema1(REPOSITORY, "v1");
        topic.publish(1, built);
        topic.publish(1, Images.offers(REPOSITORY, "v1", 1, MediaTypes.SCHEMA2, built));
        upstream.on("/v2/_catalog", FakeUpstream.json(200, "{\"repositories\":[\"a/b\"]}"));
        upstream.readable(REPOSITORY).on(MANIFEST, exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", Images.ROOT.toString());
            FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[] {'{', '}'}).send(exchange);
        });
    }

    private void attack(Serving serving, Mode mode) throws IOException {
        InetSocketAddress server = serving.app().address();
        String header = mode.credential().isEmpty() ? "X-Nothing: 1" : mode.credential();
        await().until(() -> serving.http()
                .get(MANIFEST, header)
                .body()
                .equals(Images.schema1(REPOSITORY, "v1").content()));
        upstream.forget();
        try (RawClient client = new RawClient(server)) {
            paths(client, mode);
            checkUpstream(mode);
            smuggle(server, mode);
            checkUpstream(mode);
            int count = mode.delegated() ? RANDOM : RANDOM / 10;
            for (int i = 0; i < count; i++) {
                String request = HostilePaths.random(random);
                request = random.nextBoolean() ? with(mode, request) : request;
                check(request, client.send(request, request.startsWith("HEAD ")), mode, true);
                randoms++;
                if (i % CHECK_EVERY == 0) {
                    checkUpstream(mode);
                }
            }
        }
        checkUpstream(mode);
        assertThat(serving.http().get("/v2/", header).status()).isEqualTo(200);
        upstream.forget();
    }

    private void paths(RawClient client, Mode mode) throws IOException {
        List<UnaryOperator<String>> second =
                mode.delegated() ? HostilePaths.MUTATIONS : List.of(UnaryOperator.identity());
        for (String route : HostilePaths.ROUTES) {
            for (UnaryOperator<String> first : HostilePaths.MUTATIONS) {
                for (UnaryOperator<String> then : second) {
                    String request =
                            with(mode, "GET " + then.apply(first.apply(route)) + " HTTP/1.1\r\nHost: a\r\n\r\n");
                    check(request, client.send(request, false), mode, false);
                    paths++;
                }
            }
        }
    }

    private void smuggle(InetSocketAddress server, Mode mode) throws IOException {
        for (String input : HostilePaths.SMUGGLING) {
            try (RawClient client = new RawClient(server)) {
                int status = client.send(with(mode, input), false).status();
                assertThat(status).as(input).isIn(0, 200, 400, 401, 404, 405, 414, 426, 431);
                statuses.merge("status " + status, 1, Integer::sum);
            }
        }
    }

    /** The request with the mode's credential at the end of its first headers. */
    private static String with(Mode mode, String request) {
        return mode.credential().isEmpty()
                ? request
                : request.replaceFirst("\r\n\r\n", "\r\n" + mode.credential() + "\r\n\r\n");
    }

    private void check(String request, RawClient.Reply reply, Mode mode, boolean mayClose) {
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
        if (reply.head().contains("Precast-Origin: converted")) {
            converted.merge("answers that Precast had made, mode " + mode.name(), 1, Integer::sum);
        }
    }

    private void checkUpstream(Mode mode) {
        for (FakeUpstream.Asked asked : upstream.asked()) {
            assertThat(asked.method()).isIn("GET", "HEAD");
            assertThat(asked.target()).matches(ALLOWED).doesNotContain("smuggled");
            assertThat(ALLOWED_HEADERS).containsAll(asked.headers().keySet());
            if (!mode.delegated()) {
                assertThat(asked.headers()).doesNotContainKey("Authorization");
            }
        }
        upstreamRequests += upstream.asked().size();
        upstream.forget();
    }

    private static Mode htpasswd(Path folder) throws IOException {
        String hash = OpenBSDBCrypt.generate("2y", "secret".toCharArray(), new byte[16], 4);
        Path users = Files.writeString(folder.resolve("users"), "alice:" + hash + "\n");
        String credential = Base64.getEncoder().encodeToString("alice:secret".getBytes(StandardCharsets.UTF_8));
        return new Mode(
                "htpasswd",
                "Authorization: Basic " + credential,
                List.of("serving.auth", "htpasswd", "serving.htpasswd.file", users.toString()));
    }

    private static Mode token(Path folder) throws IOException {
        KeyPair keys = TestTokens.keys("P-256");
        ECKey key = new ECKey.Builder(Curve.P_256, (ECPublicKey) keys.getPublic())
                .keyID("one")
                .build();
        Path file = Files.writeString(folder.resolve("keys.jwks"), new JWKSet(key).toString());
        String claims = TestTokens.claims("auth.test", "registry.test", Instant.now(), REPOSITORY)
                .put("exp", Instant.now().getEpochSecond() + 3_000)
                .toString();
        return new Mode(
                "token",
                "Authorization: Bearer "
                        + TestTokens.token(TestTokens.header("ES256", "one"), claims, "ES256", keys.getPrivate()),
                List.of(
                        "serving.auth",
                        "token",
                        "serving.token.realm",
                        "https://auth.test/token",
                        "serving.token.service",
                        "registry.test",
                        "serving.token.issuer",
                        "auth.test",
                        "serving.token.keys",
                        file.toString()));
    }
}
