package dev.precast.serving.support;

import com.sun.net.httpserver.HttpExchange;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * An upstream as the large public ones are: it wants a token for everything, its realm sells one to anybody, and what the token is
 * good for depends on who bought it. Below {@code public/} everybody may pull, below {@code private/} {@link #MEMBER} may.
 */
public final class TokenUpstream implements AutoCloseable {
    /** The Authorization of the one user. */
    public static final String MEMBER =
            "Basic " + Base64.getEncoder().encodeToString("member:secret".getBytes(StandardCharsets.UTF_8));

    private static final String REALM = "/service/token";

    private final FakeUpstream upstream = new FakeUpstream();
    private volatile String nameOfTokens = "token";

    public TokenUpstream() {
        upstream.on(REALM, this::sell);
        upstream.on("/v2/", guarded("", FakeUpstream.json(200, "{}")));
    }

    /** The fake below: what was asked, and more replies. */
    public FakeUpstream fake() {
        return upstream;
    }

    /** A repository with the tag {@code v1}, and one blob of those bytes. */
    public TokenUpstream repository(String name, byte[] blob, String blobDigest) {
        String base = "/v2/" + name;
        on(name, base + "/tags/list", FakeUpstream.json(200, "{\"name\":\"" + name + "\",\"tags\":[\"v1\"]}"));
        on(name, base + "/manifests/v1", exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", Images.ROOT.toString());
            FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[] {'{', '}'}).send(exchange);
        });
        on(name, base + "/blobs/" + blobDigest, FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, blob));
        on(name, base + "/blobs/" + Digest.EMPTY_LAYER, FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, new byte[32]));
        return this;
    }

    /** A repository with the tag {@code v1}, a schema 2 image that can be pulled. */
    public TokenUpstream image(String name, byte[] manifest, List<byte[]> blobs) {
        String base = "/v2/" + name;
        on(name, base + "/tags/list", FakeUpstream.json(200, "{\"name\":\"" + name + "\",\"tags\":[\"v1\"]}"));
        FakeUpstream.Reply reply = exchange -> {
            exchange.getResponseHeaders()
                    .set("Docker-Content-Digest", Digest.sha256(manifest).toString());
            FakeUpstream.bytes(200, MediaTypes.SCHEMA2, manifest).send(exchange);
        };
        on(name, base + "/manifests/v1", reply);
        on(name, base + "/manifests/" + Digest.sha256(manifest), reply);
        for (byte[] blob : blobs) {
            on(name, base + "/blobs/" + Digest.sha256(blob), FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, blob));
        }
        return this;
    }

    /** @param name of the field that an answer of the realm has the token in: {@code token} at first */
    public void tokensAre(String name) {
        nameOfTokens = name;
    }

    /** From now on a blob of the repository is sent on to another path of the registry, which wants a token for it too. */
    public TokenUpstream movedBlob(String name, String blobDigest, String path, byte[] blob) {
        on(name, "/v2/" + name + "/blobs/" + blobDigest, exchange -> {
            exchange.getResponseHeaders().set("Location", path);
            exchange.sendResponseHeaders(307, -1);
        });
        on(name, path, FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, blob));
        return this;
    }

    /** What a client would be given by the realm for pulling, as an Authorization header. */
    public static String token(Optional<String> buyer, String repository) {
        boolean member = buyer.equals(Optional.of(MEMBER));
        boolean may = member || repository.startsWith("public/");
        return "Bearer " + (may ? "pull-" : "nothing-") + repository.replace('/', '.');
    }

    /** The purchases for a repository. */
    public List<FakeUpstream.Asked> purchases(String repository) {
        String scope = "scope=repository%3A" + repository.replace("/", "%2F") + "%3Apull";
        return upstream.asked().stream()
                .filter(asked -> asked.target().startsWith(REALM))
                .filter(asked -> asked.target().contains(scope))
                .toList();
    }

    @Override
    public void close() {
        upstream.close();
    }

    private void on(String repository, String path, FakeUpstream.Reply reply) {
        upstream.on(path, guarded(repository, reply));
    }

    private FakeUpstream.Reply guarded(String repository, FakeUpstream.Reply reply) {
        return exchange -> {
            String shown = exchange.getRequestHeaders().getFirst("Authorization");
            boolean anyToken = repository.isEmpty() && shown != null && shown.startsWith("Bearer ");
            if (anyToken || ("Bearer pull-" + repository.replace('/', '.')).equals(shown)) {
                reply.send(exchange);
            } else {
                refuse(exchange, repository);
            }
        };
    }

    private void refuse(HttpExchange exchange, String repository) throws IOException {
        String scope = repository.isEmpty() ? "" : ",scope=\"repository:" + repository + ":pull\"";
        exchange.getResponseHeaders()
                .set(
                        "WWW-Authenticate",
                        "Bearer realm=\"" + upstream.url() + REALM + "\",service=\"token-upstream\"" + scope);
        FakeUpstream.json(401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}\n")
                .send(exchange);
    }

    private void sell(HttpExchange exchange) throws IOException {
        Optional<String> buyer =
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
        if (buyer.isPresent() && !buyer.get().equals(MEMBER)) {
            FakeUpstream.json(401, "{}").send(exchange);
            return;
        }
        String query = exchange.getRequestURI().getQuery();
        int at = query.indexOf("scope=repository:");
        String repository = at < 0 ? "" : query.substring(at + "scope=repository:".length(), query.lastIndexOf(':'));
        String token = token(buyer, repository).substring(7);
        FakeUpstream.json(200, "{\"" + nameOfTokens + "\":\"" + token + "\",\"expires_in\":300}")
                .send(exchange);
    }
}
