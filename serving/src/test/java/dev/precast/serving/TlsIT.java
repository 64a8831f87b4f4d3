package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.TestTls;
import dev.precast.testkit.KafkaExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** TLS from PEM files, with HTTP/2 where it is asked for, and the certificate changed while it runs. */
@ExtendWith(KafkaExtension.class)
class TlsIT {
    @Test
    void certificate_isReadAgainWhenItChanges(KafkaConfig kafka, @TempDir Path data) throws Exception {
        TestTls.write(data, "first");
        try (FakeUpstream upstream = new FakeUpstream();
                Serving serving = start(kafka, upstream, data, "true")) {
            HttpResponse<String> response = get(serving, HttpClient.Version.HTTP_2);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.headers().map()).doesNotContainKey("server");
            assertThat(subject(response)).isEqualTo("CN=first");
            assertThat(get(serving, HttpClient.Version.HTTP_1_1).version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            Files.writeString(data.resolve(TestTls.CERTIFICATE), "no certificate");
            TestTls.write(data, "second");
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            subject(get(serving, HttpClient.Version.HTTP_1_1)).equals("CN=second"));
        }
    }

    @Test
    void http2_isOffUnlessAskedFor(KafkaConfig kafka, @TempDir Path data) throws Exception {
        TestTls.write(data, "first");
        try (FakeUpstream upstream = new FakeUpstream();
                Serving serving = start(kafka, upstream, data, "false")) {
            HttpResponse<String> response = get(serving, HttpClient.Version.HTTP_2);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        }
    }

    private static Serving start(KafkaConfig kafka, FakeUpstream upstream, Path data, String http2) {
        return Serving.start(
                kafka,
                upstream.url(),
                data.resolve("view"),
                FrontConfig.TLS_CERTIFICATE,
                data.resolve(TestTls.CERTIFICATE).toString(),
                FrontConfig.TLS_KEY,
                data.resolve(TestTls.KEY).toString(),
                FrontConfig.HTTP2,
                http2);
    }

    private static HttpResponse<String> get(Serving serving, HttpClient.Version version) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(TestTls.trusting())
                .version(version)
                .build();
        URI url = URI.create("https://127.0.0.1:" + serving.app().address().getPort() + "/v2/");
        return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
    }

    private static String subject(HttpResponse<String> response) throws Exception {
        X509Certificate shown = (X509Certificate)
                Objects.requireNonNull(response.sslSession().orElse(null)).getPeerCertificates()[0];
        return shown.getSubjectX500Principal().getName();
    }
}
