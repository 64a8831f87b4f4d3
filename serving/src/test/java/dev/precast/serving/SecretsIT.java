package dev.precast.serving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.TestTokens;
import dev.precast.testkit.KafkaExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Secrets that were planted everywhere come out nowhere: neither in logs, at any level of ours, nor in metrics, nor in answers. */
@ExtendWith(KafkaExtension.class)
class SecretsIT {
    private static final String CALLER = "canary-of-the-caller";
    private static final String OWN = "canary-of-precast";
    private static final String UPSTREAM = "canary-of-the-upstream";

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger ours = (Logger) LoggerFactory.getLogger("dev.precast");

    @BeforeEach
    void listen() {
        log.start();
        root.addAppender(log);
        ours.setLevel(Level.TRACE);
    }

    @AfterEach
    void stopListening() {
        ours.setLevel(null);
        root.detachAppender(log);
    }

    @Test
    void upstream_tellsNoSecret(KafkaConfig kafka, @TempDir Path folder) {
        check(kafka, folder, "serving.auth", "upstream");
    }

    @Test
    void htpasswd_tellsNoSecret(KafkaConfig kafka, @TempDir Path folder) throws Exception {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        String hash = OpenBSDBCrypt.generate("2y", CALLER.toCharArray(), salt, 4);
        Path users = Files.writeString(folder.resolve("users"), "alice:" + hash + "\n");
        check(kafka, folder, "serving.auth", "htpasswd", "serving.htpasswd.file", users.toString());
        assertThat(said()).doesNotContain(hash.substring(7));
    }

    @Test
    void token_tellsNoSecret(KafkaConfig kafka, @TempDir Path folder) throws Exception {
        KeyPair keys = TestTokens.keys("P-256");
        Path file = Files.writeString(
                folder.resolve("keys.pem"),
                TestTokens.pem("PUBLIC KEY", keys.getPublic().getEncoded()));
        String token = TestTokens.token(
                "{\"alg\":\"ES256\",\"kid\":\"" + CALLER + "\"}",
                TestTokens.claims("i", CALLER, Instant.now(), "a/b").toString(),
                "ES256",
                keys.getPrivate());
        check(
                kafka,
                folder,
                "serving.auth",
                "token",
                "serving.token.realm",
                "https://auth.test/",
                "serving.token.service",
                "s",
                "serving.token.issuer",
                "i",
                "serving.token.keys",
                file.toString());
        assertThat(said()).doesNotContain(token.substring(0, token.indexOf('.')), TestTokens.base64(CALLER));
    }

    /** Asks in every way that goes wrong or right, of an upstream that does both. */
    private void check(KafkaConfig kafka, Path folder, String... mode) {
        List<String> settings = new java.util.ArrayList<>(List.of(mode));
        settings.addAll(List.of("registry.username", "precast", "registry.password", OWN));
        try (FakeUpstream upstream = new FakeUpstream();
                Serving serving =
                        Serving.start(kafka, upstream.url(), folder.resolve("view"), settings.toArray(String[]::new))) {
            upstream.on("/v2/a/b/manifests/v1", exchange -> {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
                exchange.getResponseHeaders().set("Set-Cookie", UPSTREAM);
                exchange.sendResponseHeaders(401, -1);
            });
            upstream.on("/v2/a/b/manifests/v2", exchange -> {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write('x');
                exchange.close();
            });
            upstream.on("/v2/a/b/manifests/v3", FakeUpstream.json(503, "{}"));
            Http http = serving.ready().http();
            StringBuilder answers = new StringBuilder();
            for (String credential : List.of(
                    "Basic " + base64("alice:" + CALLER),
                    "Basic " + base64(CALLER + ":wrong"),
                    "Basic " + CALLER,
                    "Bearer " + CALLER,
                    "Bearer " + TestTokens.base64(CALLER) + ".e30.AA",
                    CALLER)) {
                for (String path : List.of(
                        "/v2/",
                        "/v2/_catalog",
                        "/v2/a/b/tags/list",
                        "/v2/a/b/manifests/v1",
                        "/v2/a/b/manifests/v2",
                        "/v2/a/b/manifests/v3",
                        "/v2/a/../b")) {
                    Http.Response response = http.get(path, "Authorization: " + credential);
                    answers.append(response.headers()).append(response.body());
                }
            }
            upstream.goAway();
            answers.append(http.get("/v2/a/b/manifests/v1", "Authorization: Bearer " + CALLER)
                    .body());
            assertThat(log.list)
                    .as("the log, so that the check is of something")
                    .isNotEmpty();
            String meters = serving.meters().getMeters().stream()
                    .map(meter -> meter.getId().toString())
                    .collect(Collectors.joining());
            assertThat(meters).contains("precast.serving.requests");
            for (String secret : List.of(CALLER, OWN, UPSTREAM)) {
                for (String form :
                        List.of(secret, base64(secret), base64("precast:" + secret), base64("alice:" + secret))) {
                    assertThat(said()).doesNotContain(form);
                    assertThat(meters).doesNotContain(form);
                    assertThat(answers.toString()).doesNotContain(form);
                }
            }
        }
    }

    private String said() {
        return List.copyOf(log.list).stream()
                .map(event -> event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : ThrowableProxyUtil.asString(event.getThrowableProxy())))
                .collect(Collectors.joining("\n"));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
