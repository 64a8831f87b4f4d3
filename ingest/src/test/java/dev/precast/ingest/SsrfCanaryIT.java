package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.testkit.Canary;
import dev.precast.testkit.Fault;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import dev.precast.testkit.ScriptedRegistry;
import dev.precast.testkit.TestCertificates;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Events, manifests, realms, redirects and lists that name places where ingest has no business. */
@ExtendWith(KafkaExtension.class)
class SsrfCanaryIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String REPOSITORY = "library/hello";

    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private final List<Canary> canaries = new ArrayList<>();
    private final List<String> places = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        registry.close();
        for (Canary canary : canaries) {
            canary.close();
        }
    }

    @Test
    void nothingButTheRegistryIsEverAsked(KafkaConfig kafka) throws Exception {
        plant();
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest =
                        new IngestApp(config(Map.of()), kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            ingest.start();
            int traps = events(ingest) + manifests(ingest) + redirects(ingest) + realms(ingest);

            // All of it was dealt with: what comes after it arrives.
            byte[] config = Images.config("good");
            registry.blob(REPOSITORY, config);
            Digest good = registry.manifest(REPOSITORY, "good", MediaTypes.SCHEMA2, Images.schema2(config));
            push(ingest, REPOSITORY, "good", good);
            await().atMost(SOON).until(() -> table.root(REPOSITORY + ":good"), good.toString()::equals);
            await().atMost(SOON).until(() -> table.read().containsKey(REPOSITORY + ":foreign"));
            await().atMost(SOON).until(() -> asked("realm/", "/manifests/v1").size() >= places.size());
            await().atMost(SOON).until(() -> asked("unknown/", "/tags/list").size() >= places.size());

            List<String> hits =
                    canaries.stream().flatMap(canary -> canary.hits().stream()).toList();
            new ReliabilityPage("Canaries", "build-bin/rig canaries", null)
                    .row("places", places.size(), "")
                    .row("traps", traps, "")
                    .row("connections to them", hits.size(), "0")
                    .row(
                            "credentials seen there",
                            hits.stream()
                                    .filter(hit -> hit.contains("Authorization"))
                                    .count(),
                            "0")
                    .write();
            assertThat(hits).isEmpty();
        }
    }

    /** Paths that were asked for, one for each repository however often it was. */
    private Set<String> asked(String prefix, String suffix) {
        return registry.requests().stream()
                .map(ScriptedRegistry.Request::path)
                .filter(path -> path.startsWith("/v2/" + prefix) && path.endsWith(suffix))
                .collect(Collectors.toSet());
    }

    @Test
    void redirectHostThatIsListed_getsNoCredentials(KafkaConfig kafka) throws Exception {
        byte[] config = Images.config("listed");
        List<String> authorizations = new CopyOnWriteArrayList<>();
        TestCertificates authority = TestCertificates.authority("ours");
        SSLContext before = SSLContext.getDefault();
        HttpsServer place = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        place.setHttpsConfigurator(new HttpsConfigurator(context(authority, authority.issue("localhost"))));
        place.createContext("/", exchange -> {
            authorizations.add(exchange.getRequestHeaders()
                    .getOrDefault("Authorization", List.of("none"))
                    .get(0));
            exchange.sendResponseHeaders(200, config.length);
            exchange.getResponseBody().write(config);
            exchange.close();
        });
        place.start();
        SSLContext.setDefault(context(authority, null));
        String host = "localhost:" + place.getAddress().getPort();
        registry.lock("Basic realm=\"r\"", given -> given.startsWith("Basic "));
        Digest root = registry.manifest(REPOSITORY, "listed", MediaTypes.SCHEMA2, Images.schema2(config));
        registry.fail("/blobs/" + Digest.sha256(config), Fault.redirect("https://" + host + "/blob"));
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = new IngestApp(
                        config(Map.of("registry.redirect.hosts", host)),
                        kafka,
                        Clock.systemUTC(),
                        new SimpleMeterRegistry())) {
            ingest.start();
            push(ingest, REPOSITORY, "listed", root);
            await().atMost(SOON).until(() -> table.root(REPOSITORY + ":listed"), root.toString()::equals);
        } finally {
            SSLContext.setDefault(before);
            place.stop(0);
        }
        assertThat(authorizations).containsExactly("none");
        assertThat(registry.requests())
                .filteredOn(request -> request.path().contains("/blobs/"))
                .extracting(ScriptedRegistry.Request::authorization)
                .as("what the registry itself is sent")
                .anyMatch(given -> given != null && given.startsWith("Basic "));
    }

    /** Of one who trusts the authority, and shows the certificate if there is one. */
    private static SSLContext context(TestCertificates authority, @Nullable TestCertificates own) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authority.trustStore());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own == null ? null : own.keyStore(), new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private void plant() throws IOException {
        for (String address : List.of("127.0.0.1", "127.0.0.2", "::1")) {
            try {
                canaries.add(Canary.listen(address));
            } catch (IOException e) {
                assertThat(address).as("only IPv6 may be missing").isEqualTo("::1");
            }
        }
        int port = canaries.get(0).port();
        for (String scheme : List.of("http", "https")) {
            for (String host : List.of("127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1")) {
                places.add(scheme + "://" + host + ":" + port);
            }
            places.add(scheme + "://127.0.0.2:" + canaries.get(1).port());
            places.add(scheme + "://[::ffff:127.0.0.1]:" + port);
            places.add(scheme + "://" + registry.url().getAuthority() + "@127.0.0.1:" + port);
            if (canaries.size() > 2) {
                places.add(scheme + "://[::1]:" + canaries.get(2).port());
            }
        }
        places.addAll(List.of(
                "http://169.254.169.254/latest",
                "https://169.254.169.254/latest",
                "file:///etc/passwd",
                "//127.0.0.1:" + port,
                "gopher://127.0.0.1:" + port,
                "jar:http://127.0.0.1:" + port + "!/"));
    }

    private int events(IngestApp ingest) throws Exception {
        for (String place : places) {
            for (String repository : List.of(REPOSITORY, place, "../../" + place, "a/..%2f" + place)) {
                String body = "{\"events\":[{\"action\":\"push\",\"target\":{\"repository\":\"" + repository
                        + "\",\"tag\":\"event\",\"url\":\"" + place + "/v2/x\",\"urls\":[\"" + place
                        + "\"]},\"request\":{\"host\":\"" + place + "\",\"addr\":\"" + place
                        + "\"},\"source\":{\"addr\":\"" + place + "\"}}]}";
                assertThat(post(ingest, body)).isEqualTo(200);
            }
        }
        return 4 * places.size();
    }

    /** Foreign layers and configs with URLs. */
    private int manifests(IngestApp ingest) throws Exception {
        byte[] config = Images.config("foreign");
        registry.blob(REPOSITORY, config);
        List<String> layers = new ArrayList<>();
        for (String place : places) {
            layers.add(Images.entry(
                    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                    Images.bytes(place),
                    ",\"urls\":[\"" + place + "\"]"));
        }
        byte[] manifest =
                Images.manifest(MediaTypes.SCHEMA2, MediaTypes.SCHEMA2_CONFIG, config, String.join(",", layers));
        push(ingest, REPOSITORY, "foreign", registry.manifest(REPOSITORY, "foreign", MediaTypes.SCHEMA2, manifest));
        return places.size();
    }

    /** Of a manifest, of a config blob, and of a list. */
    private int redirects(IngestApp ingest) throws Exception {
        for (int i = 0; i < places.size(); i++) {
            Fault fault = Fault.redirect(places.get(i));
            byte[] config = Images.config("redirected " + i);
            Digest blob = registry.blob(REPOSITORY, config);
            Digest root = registry.manifest(REPOSITORY, "r" + i, MediaTypes.SCHEMA2, Images.schema2(config));
            registry.fail("/manifests/r" + i, fault);
            registry.fail("/blobs/" + blob, fault);
            registry.fail("/v2/unknown/r" + i + "/tags/list", fault);
            push(ingest, REPOSITORY, "r" + i, root);
            // Of a repository of which nothing is known all tags are looked at, and so they are listed.
            assertThat(post(
                            ingest,
                            "{\"events\":[{\"action\":\"delete\",\"target\":{\"repository\":\"unknown/r" + i
                                    + "\"}}]}"))
                    .isEqualTo(200);
        }
        return 3 * places.size();
    }

    /** Where credentials are to be sent. */
    private int realms(IngestApp ingest) throws Exception {
        for (int i = 0; i < places.size(); i++) {
            registry.fail(
                    "/v2/realm/r" + i + "/manifests/v1",
                    Fault.status(401, "WWW-Authenticate", "Bearer realm=\"" + places.get(i) + "\",service=\"s\""));
            push(ingest, "realm/r" + i, "v1", Digest.sha256(new byte[] {1}));
        }
        return places.size();
    }

    private static void push(IngestApp ingest, String repository, String tag, Digest digest) throws Exception {
        assertThat(new Events(ingest.eventsAddress()).push(repository, tag, digest))
                .isEqualTo(200);
    }

    private static int post(IngestApp ingest, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + ingest.eventsAddress().getPort() + "/events"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private IngestConfig config(Map<String, String> more) {
        Map<String, String> values = new HashMap<>(more);
        values.putAll(Map.of(
                "registry.url", registry.url().toString(),
                "registry.username", "reader",
                "registry.password", "hush",
                "registry.breaker.failures", "1000000",
                "ingest.listen", "127.0.0.1:0",
                "ingest.ack.timeout.ms", "10000",
                "sweep.interval.ms", "100",
                "resolver.retry.min.ms", "20",
                "resolver.retry.max.ms", "200"));
        return IngestConfig.from(values);
    }
}
