package dev.precast.testkit.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.client.RawHttp.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Pulls as one generation of Docker or containerd does: its requests with its headers in its order, and its checks of what comes
 * back. Sources: moby v1.6.2 {@code registry/session_v2.go}, v1.9.1 {@code graph/pull_v2.go}, v1.13.1 and v20.10.24
 * {@code distribution/pull_v2.go}, containerd v1.7.0 {@code remotes/docker/resolver.go}; {@link RegistryLogin}.
 */
public final class DockerClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> DOCKER_TYPES =
            List.of(MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST, MediaTypes.SCHEMA1_SIGNED, "application/json");
    private static final List<String> ALL_TYPES = List.of(
            MediaTypes.SCHEMA2,
            MediaTypes.MANIFEST_LIST,
            MediaTypes.OCI_MANIFEST,
            MediaTypes.OCI_INDEX,
            MediaTypes.SCHEMA1_SIGNED,
            "application/json");

    /** What there is to imitate. */
    public enum Generation {
        /** 1.6 and 1.7: no Accept; GET of each blob, the empty ones too. */
        DOCKER_1_6("docker/1.6.2 go/go1.4.2 git-commit/7c8fca2 kernel/3.16.0 os/linux arch/amd64"),
        /** 1.8 and 1.9: no Accept; HEAD, then GET of each blob. */
        DOCKER_1_9("docker/1.9.1 go/go1.4.3 git-commit/a34a1d5 kernel/3.16.0 os/linux arch/amd64"),
        /** 1.10 to 18.09: one Accept line a type, in any order; empty layers are not fetched. */
        DOCKER_1_13("docker/1.13.1 go/go1.7.5 git-commit/092cba3 kernel/4.9.0 os/linux arch/amd64"),
        /** 20.10: knows OCI; HEAD of the tag, then GET by digest. */
        DOCKER_20_10("docker/20.10.24 go/go1.19.7 git-commit/5d6db84 kernel/5.10.0 os/linux arch/amd64"),
        /** 1.x: HEAD of the tag, then GET by digest; all types and a wildcard in one line. */
        CONTAINERD("containerd/1.7.0");

        private final String userAgent;

        Generation(String userAgent) {
            this.userAgent = userAgent;
        }
    }

    /**
     * What was pulled.
     *
     * @param mediaType of the tag's manifest
     * @param digest as the client shows it
     * @param manifest bytes of the tag's manifest
     * @param diffContents the layers' bytes as served, base first, without empty ones
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Pulled(String mediaType, String digest, byte[] manifest, List<byte[]> diffContents) {}

    private final RawHttp http;
    private final Generation generation;
    private final Random random;
    private final Optional<RegistryLogin.Account> account;
    private Optional<String> authorization = Optional.empty();

    /**
     * Nobody's.
     *
     * @param seed of the order of Accept lines, which is Go's map order in the original
     */
    public DockerClient(URI server, Generation generation, long seed) {
        this(server, generation, seed, Optional.empty());
    }

    /** @param account after a {@code docker login} */
    public DockerClient(URI server, Generation generation, long seed, Optional<RegistryLogin.Account> account) {
        this.http = new RawHttp(server);
        this.generation = generation;
        this.random = new Random(seed);
        this.account = account;
    }

    /** Pulls by tag; fails as an assertion where the real client would fail or warn. For one thread. */
    public Pulled pull(String repository, String tag) {
        ping(repository);
        String path = "/v2/" + repository + "/manifests/";
        boolean headFirst = generation == Generation.DOCKER_20_10 || generation == Generation.CONTAINERD;
        Answer manifest = headFirst ? headThenGet(path, tag) : get(path + tag, accept());
        String mediaType =
                MediaTypes.withoutParameters(manifest.header("Content-Type").orElse(""));
        String digest = manifest.header("Docker-Content-Digest").orElse("none");
        List<byte[]> blobs = MediaTypes.isSchema1(mediaType)
                ? schema1(repository, tag, manifest, digest)
                : schema2(repository, mediaType, manifest, digest);
        return new Pulled(mediaType, digest, manifest.body(), blobs);
    }

    /**
     * v1.6.2 {@code registry/endpoint.go}: without the version header it falls back to the v1 protocol; what a 401 asks for is
     * brought from then on. The scope is the client's own, whatever the challenge says.
     */
    private void ping(String repository) {
        authorization = Optional.empty();
        Answer answer = http.request("GET", "/v2/", headers(List.of()));
        assertThat(answer.header("Docker-Distribution-Api-Version"))
                .as("GET /v2/")
                .hasValue("registry/2.0");
        if (answer.status() == 401) {
            authorization =
                    Optional.of(RegistryLogin.answer(answer, repository, account, generation.userAgent, oldTokens()));
        } else {
            assertThat(answer.status()).as("GET /v2/").isEqualTo(200);
        }
    }

    /** Whether an answer of a realm has to call the token {@code token}; later {@code access_token} does as well. */
    private boolean oldTokens() {
        return generation == Generation.DOCKER_1_6 || generation == Generation.DOCKER_1_9;
    }

    /** v20.10.24 {@code pull_v2.go}: a digest that cannot be got is a warning to the user, and a second GET by tag. */
    private Answer headThenGet(String path, String tag) {
        Answer head = http.request("HEAD", path + tag, headers(accept()));
        assertThat(head.status()).as("HEAD " + path + tag).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        String digest = head.header("Docker-Content-Digest").orElse("none");
        Answer got = get(path + digest, accept());
        assertThat(got.header("Docker-Content-Digest"))
                .as("GET by the digest of HEAD")
                .hasValue(digest);
        assertThat(got.header("Content-Type")).as("GET by the digest of HEAD").isEqualTo(head.header("Content-Type"));
        assertThat(got.header("Content-Length"))
                .as("GET by the digest of HEAD")
                .isEqualTo(head.header("Content-Length"));
        return got;
    }

    private List<byte[]> schema1(String repository, String tag, Answer answer, String digest) {
        byte[] payload = Schema1.payload(answer.body());
        assertThat(Digest.sha256(payload)).as("digest of the payload").hasToString(digest);
        JsonNode manifest = json(answer.body());
        assertThat(manifest.path("schemaVersion").asInt()).isEqualTo(1);
        assertThat(manifest.path("name").asText()).isEqualTo(repository);
        assertThat(manifest.path("tag").asText()).isEqualTo(tag);
        JsonNode layers = manifest.path("fsLayers");
        JsonNode history = manifest.path("history");
        assertThat(layers).hasSameSizeAs(history).isNotEmpty();
        checkChain(history);
        boolean skipsEmpty = generation != Generation.DOCKER_1_6 && generation != Generation.DOCKER_1_9;
        List<byte[]> contents = new ArrayList<>();
        for (int i = layers.size() - 1; i >= 0; i--) {
            boolean empty = json(history.get(i).path("v1Compatibility").asText())
                    .path("throwaway")
                    .asBoolean();
            if (!empty || !skipsEmpty) {
                byte[] content = blob(repository, layers.get(i).path("blobSum").asText());
                if (!empty) {
                    contents.add(content);
                }
            }
        }
        return contents;
    }

    /** v1.9.1 {@code graph/pull_v2.go}, fixManifestLayers. */
    private static void checkChain(JsonNode history) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < history.size(); i++) {
            JsonNode image = json(history.get(i).path("v1Compatibility").asText());
            String id = image.path("id").asText();
            assertThat(id).matches("[a-f0-9]{64}");
            assertThat(ids).as("ids do not repeat").doesNotContain(id);
            ids.add(id);
            String below = i + 1 < history.size()
                    ? json(history.get(i + 1).path("v1Compatibility").asText())
                            .path("id")
                            .asText()
                    : "";
            assertThat(image.path("parent").asText())
                    .as("parent of entry %d", i)
                    .isEqualTo(below);
        }
    }

    private List<byte[]> schema2(String repository, String mediaType, Answer answer, String digest) {
        assertThat(Digest.sha256(answer.body())).as("digest of the manifest").hasToString(digest);
        assertThat(accept().toString()).as("the type is one that was asked for").contains(mediaType);
        JsonNode manifest = json(answer.body());
        if (MediaTypes.isIndex(mediaType)) {
            return fromList(repository, manifest);
        }
        JsonNode config = manifest.path("config");
        assertThat(blob(repository, config.path("digest").asText()))
                .hasSize(config.path("size").asInt());
        List<byte[]> contents = new ArrayList<>();
        for (JsonNode layer : manifest.path("layers")) {
            byte[] content = blob(repository, layer.path("digest").asText());
            assertThat(content).hasSize(layer.path("size").asInt());
            contents.add(content);
        }
        return contents;
    }

    private List<byte[]> fromList(String repository, JsonNode list) {
        for (JsonNode entry : list.path("manifests")) {
            JsonNode platform = entry.path("platform");
            if (platform.path("os").asText().equals("linux")
                    && platform.path("architecture").asText().equals("amd64")) {
                String digest = entry.path("digest").asText();
                Answer child = get("/v2/" + repository + "/manifests/" + digest, accept());
                assertThat(child.body()).hasSize(entry.path("size").asInt());
                String type = MediaTypes.withoutParameters(
                        child.header("Content-Type").orElse(""));
                assertThat(type).isEqualTo(entry.path("mediaType").asText());
                return schema2(repository, type, child, digest);
            }
        }
        throw new AssertionError("The list has no image for linux/amd64.");
    }

    /** v1.6.2 {@code registry/session_v2.go}: a GET needs a length that is a number, and bytes of that digest. */
    private byte[] blob(String repository, String digest) {
        String path = "/v2/" + repository + "/blobs/" + digest;
        if (generation == Generation.DOCKER_1_9) {
            Answer head = http.request("HEAD", path, headers(List.of()));
            assertThat(head.status()).as("HEAD " + path).isEqualTo(200);
            assertThat(head.header("Content-Length").orElse("none")).matches("[0-9]+");
        }
        Answer got = get(path, List.of());
        assertThat(Digest.sha256(got.body())).as("GET " + path).hasToString(digest);
        return got.body();
    }

    private Answer get(String path, List<String> accept) {
        Answer answer = http.request("GET", path, headers(accept));
        assertThat(answer.status()).as("GET %s: %s", path, answer.text()).isEqualTo(200);
        assertThat(answer.header("Content-Length")).as("GET " + path).hasValue(Integer.toString(answer.body().length));
        assertThat(answer.header("Transfer-Encoding")).as("GET " + path).isEmpty();
        return answer;
    }

    private List<String> headers(List<String> accept) {
        List<String> lines = new ArrayList<>(List.of("User-Agent: " + generation.userAgent));
        lines.addAll(accept);
        authorization.ifPresent(value -> lines.add("Authorization: " + value));
        lines.add("Accept-Encoding: identity");
        return lines;
    }

    private List<String> accept() {
        List<String> types = new ArrayList<>();
        switch (generation) {
            case DOCKER_1_13 -> types.addAll(DOCKER_TYPES);
            case DOCKER_20_10 -> types.addAll(ALL_TYPES);
            case CONTAINERD ->
                types.add(String.join(
                        ", ",
                        MediaTypes.SCHEMA2,
                        MediaTypes.MANIFEST_LIST,
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_INDEX,
                        "*/*"));
            default -> types.clear();
        }
        Collections.shuffle(types, random);
        return types.stream().map(type -> "Accept: " + type).toList();
    }

    private static JsonNode json(byte[] content) {
        try {
            return JSON.readTree(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(String content) {
        return json(content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
