package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Serving;
import dev.precast.testkit.KafkaExtension;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** TLS from PEM files, with HTTP/2 where it is asked for, and the certificate changed while it runs. */
@ExtendWith(KafkaExtension.class)
class TlsIT {
    @Test
    void certificate_isReadAgainWhenItChanges(KafkaConfig kafka, @TempDir Path data) throws Exception {
        Path certificate = data.resolve("tls.crt");
        Path key = data.resolve("tls.key");
        write(certificate, key, "first");
        try (FakeUpstream upstream = new FakeUpstream();
                Serving serving = start(kafka, upstream, data, certificate, key, "true")) {
            HttpResponse<String> response = get(serving, HttpClient.Version.HTTP_2);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.headers().map()).doesNotContainKey("server");
            assertThat(subject(response)).isEqualTo("CN=first");
            assertThat(get(serving, HttpClient.Version.HTTP_1_1).version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            Files.writeString(certificate, "no certificate");
            write(certificate, key, "second");
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            subject(get(serving, HttpClient.Version.HTTP_1_1)).equals("CN=second"));
        }
    }

    @Test
    void http2_isOffUnlessAskedFor(KafkaConfig kafka, @TempDir Path data) throws Exception {
        Path certificate = data.resolve("tls.crt");
        Path key = data.resolve("tls.key");
        write(certificate, key, "first");
        try (FakeUpstream upstream = new FakeUpstream();
                Serving serving = start(kafka, upstream, data, certificate, key, "false")) {
            HttpResponse<String> response = get(serving, HttpClient.Version.HTTP_2);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        }
    }

    private static Serving start(
            KafkaConfig kafka, FakeUpstream upstream, Path data, Path certificate, Path key, String http2) {
        return Serving.start(
                kafka,
                upstream.url(),
                data.resolve("view"),
                FrontConfig.TLS_CERTIFICATE,
                certificate.toString(),
                FrontConfig.TLS_KEY,
                key.toString(),
                FrontConfig.HTTP2,
                http2);
    }

    private static HttpResponse<String> get(Serving serving, HttpClient.Version version) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Everybody()}, new SecureRandom());
        HttpClient client =
                HttpClient.newBuilder().sslContext(context).version(version).build();
        URI url = URI.create("https://127.0.0.1:" + serving.app().address().getPort() + "/v2/");
        return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
    }

    private static String subject(HttpResponse<String> response) throws Exception {
        X509Certificate shown = (X509Certificate)
                Objects.requireNonNull(response.sslSession().orElse(null)).getPeerCertificates()[0];
        return shown.getSubjectX500Principal().getName();
    }

    private static void write(Path certificate, Path key, String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        X500Name subject = new X500Name("CN=" + name);
        Instant now = Instant.now();
        X509CertificateHolder made = new JcaX509v3CertificateBuilder(
                        subject,
                        BigInteger.ONE,
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.plusSeconds(3_600)),
                        subject,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        Files.writeString(key, pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
        Files.writeString(certificate, pem(made));
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    /** Takes any certificate: the tests look at it themselves. */
    private static final class Everybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, javax.net.ssl.SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
