package dev.precast.serving.leaks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.TestTokens;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.DockerRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.util.encoders.Base32;

/**
 * A real Distribution that lets in by token, its token server, and private repositories in two groups, each with an image of its
 * own and a variant of it.
 */
final class PrivateRegistry implements AutoCloseable {
    static final String SERVICE = "registry.test";
    static final String ISSUER = "issuer.test";
    /** Precast's own account at the token server: {@code precast:canary-upstream}. */
    static final String OWN_USER = "precast";

    static final String OWN_PASSWORD = "canary-upstream";
    private static final String OWN_BASIC =
            "Basic " + java.util.Base64.getEncoder().encodeToString((OWN_USER + ":" + OWN_PASSWORD).getBytes(UTF_8));

    /**
     * One repository and what is in it.
     *
     * @param stored digest of the manifest that was pushed
     * @param variant what Precast built of it
     */
    record Repository(String name, Digest stored, Digest config, Digest layer, VariantManifest variant) {
        String group() {
            return name.substring(0, name.indexOf('/'));
        }
    }

    private final KeyPair keys = TestTokens.keys("P-256");
    private final KeyPair foreignKeys = TestTokens.keys("P-256");
    private final FakeUpstream tokenServer = new FakeUpstream();
    private final List<Repository> repositories = new ArrayList<>();
    private final Path certificate;
    private final DockerRegistry registry;

    PrivateRegistry(Path folder, int count) throws Exception {
        X509Certificate own = TestTokens.certificate("issuer", keys, "issuer", keys.getPrivate(), true, Instant.now());
        certificate = Files.writeString(folder.resolve("issuer.pem"), TestTokens.pem("CERTIFICATE", own.getEncoded()));
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add((i % 2 == 0 ? "alpha" : "beta") + "/r%02d".formatted(i));
        }
        String auth = "{token: {realm: \"" + realm() + "\", service: " + SERVICE + ", issuer: " + ISSUER
                + ", rootcertbundle: \"" + certificate + "\"}}";
        registry = DockerRegistry.start(
                DockerRegistry.Options.DEFAULT.withAuth(auth, "Bearer " + token(names, "pull", "push")));
        tokenServer.on("/token", exchange -> sell(exchange, names));
        for (String name : names) {
            repositories.add(push(name));
        }
    }

    java.net.URI uri() {
        return registry.uri();
    }

    /** What tokens are signed with, as a PEM certificate. */
    /** Who sells the tokens, at a port of its own. */
    URI realm() {
        return tokenServer.url().resolve("/token");
    }

    Path certificate() {
        return certificate;
    }

    List<Repository> repositories() {
        return repositories;
    }

    List<String> names(String group) {
        return repositories.stream()
                .filter(repository -> repository.group().equals(group))
                .map(Repository::name)
                .toList();
    }

    void publish(VariantTopic topic) {
        topic.enable("*");
        for (Repository repository : repositories) {
            topic.publish(1, repository.variant());
            topic.publish(1, Images.offers(repository.name(), "v1", 1, MediaTypes.OCI_MANIFEST, repository.variant()));
        }
    }

    /** A right token for these repositories. */
    String token(List<String> names, String... actions) {
        return TestTokens.token(
                header(keys), claims(names, Instant.now(), actions).toString(), "ES256", keys.getPrivate());
    }

    String expiredToken(List<String> names) {
        Instant before = Instant.now().minusSeconds(7200);
        return TestTokens.token(header(keys), claims(names, before, "pull").toString(), "ES256", keys.getPrivate());
    }

    /** The right claims and key id, signed by somebody else. */
    String forgedToken(List<String> names) {
        ObjectNode claims = claims(names, Instant.now(), "pull");
        return TestTokens.token(header(keys), claims.toString(), "ES256", foreignKeys.getPrivate());
    }

    @Override
    public void close() throws IOException {
        registry.close();
        tokenServer.close();
    }

    private static ObjectNode claims(List<String> names, Instant now, String... actions) {
        ObjectNode claims = JsonNodeFactory.instance.objectNode();
        claims.put("iss", ISSUER).put("sub", "s").put("aud", SERVICE).put("jti", "1");
        claims.put("exp", now.getEpochSecond() + 3500).put("nbf", now.getEpochSecond());
        claims.put("iat", now.getEpochSecond());
        claims.putArray("access");
        names.forEach(name -> TestTokens.access(claims, "repository", name, actions));
        return TestTokens.access(claims, "registry", "catalog", "*");
    }

    /** Everything to Precast, nothing to others. */
    private void sell(HttpExchange exchange, List<String> names) throws IOException {
        boolean own = OWN_BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"));
        String token = token(own ? names : List.of(), "pull");
        FakeUpstream.json(own ? 200 : 401, own ? "{\"token\":\"" + token + "\",\"expires_in\":300}" : "{}")
                .send(exchange);
    }

    private Repository push(String name) throws Exception {
        byte[] layer = ("layer of " + name).getBytes(UTF_8);
        Digest layerDigest = registry.pushBlob(name, layer);
        byte[] config = ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":[\"A=" + name
                        + "\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + layerDigest
                        + "\"]},\"history\":[{\"created\":\"2020-01-01T00:00:00Z\"}]}")
                .getBytes(UTF_8);
        Digest configDigest = registry.pushBlob(name, config);
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.SCHEMA2
                        + "\",\"config\":{\"mediaType\":\""
                        + MediaTypes.SCHEMA2_CONFIG + "\",\"size\":" + config.length + ",\"digest\":\"" + configDigest
                        + "\"},\"layers\":[{\"mediaType\":\"" + MediaTypes.SCHEMA2_LAYER + "\",\"size\":"
                        + layer.length + ",\"digest\":\"" + layerDigest + "\"}]}")
                .getBytes(UTF_8);
        Digest stored = registry.pushManifest(name, "v1", MediaTypes.SCHEMA2, manifest);
        return new Repository(name, stored, configDigest, layerDigest, Images.schema1(name, "v1"));
    }

    private static String header(KeyPair keys) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(keys.getPublic().getEncoded());
            String id = Base32.toBase32String(Arrays.copyOf(hash, 30)).replaceAll("(.{4})(?!$)", "$1:");
            return TestTokens.header("ES256", id);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
