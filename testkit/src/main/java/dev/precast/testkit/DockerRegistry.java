package dev.precast.testkit;

import dev.precast.schemas.image.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Docker Distribution (Debian's {@code docker-registry}) as a child process on a free port of 127.0.0.1, with storage in
 * a temporary directory that is deleted on close. Thread-safe.
 */
public final class DockerRegistry implements AutoCloseable {
    /** How to get it where it is missing. */
    public static final String HOW_TO_GET = "docker-registry is not installed: apt-get install docker-registry";

    private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final Thread endWithJvm;
    private final Path directory;
    private final URI uri;
    private final @Nullable String pass;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private DockerRegistry(Process process, Thread endWithJvm, Path directory, int port, @Nullable String pass) {
        this.process = process;
        this.endWithJvm = endWithJvm;
        this.directory = directory;
        this.uri = URI.create("http://127.0.0.1:" + port);
        this.pass = pass;
    }

    /**
     * What can be chosen.
     *
     * @param port 0 for a free one
     * @param notifications where events are posted; absent for no events
     * @param authorization value of the events' {@code Authorization} header; absent for none
     * @param auth the YAML of the {@code auth} section, in one line; absent for a registry that is open to all
     * @param pass value of the {@code Authorization} header of what this class asks itself; absent for none
     */
    public record Options(
            int port,
            @Nullable URI notifications,
            @Nullable String authorization,
            @Nullable String auth,
            @Nullable String pass) {
        public static final Options DEFAULT = new Options(0, null, null, null, null);

        public Options withPort(int port) {
            return new Options(port, notifications, authorization, auth, pass);
        }

        public Options withNotifications(URI url) {
            return new Options(port, url, authorization, auth, pass);
        }

        public Options withAuthorization(String value) {
            return new Options(port, notifications, value, auth, pass);
        }

        public Options withAuth(String yaml, String passForItself) {
            return new Options(port, notifications, authorization, yaml, passForItself);
        }
    }

    /** Whether the program is on the {@code PATH}. */
    public static boolean available() {
        return onPath("docker-registry");
    }

    /** Whether {@code program} is on the {@code PATH}. */
    public static boolean onPath(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(program)));
    }

    public static DockerRegistry start() throws IOException, InterruptedException {
        return start(Options.DEFAULT);
    }

    /**
     * Starts one and returns when it answers.
     *
     * @throws IOException if it ends or does not listen within 30 s
     */
    public static DockerRegistry start(Options options) throws IOException, InterruptedException {
        Path directory = temporaryDirectory();
        Path log = directory.resolve("log");
        Path config = Files.writeString(directory.resolve("config.yml"), config(directory, options));
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread endWithJvm = new Thread(process::destroyForcibly, "end-docker-registry");
        Runtime.getRuntime().addShutdownHook(endWithJvm);
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline && !process.waitFor(20, TimeUnit.MILLISECONDS)) {
            Matcher listening = LISTENING.matcher(Files.readString(log));
            if (listening.find()) {
                int port = Integer.parseInt(listening.group(1));
                return new DockerRegistry(process, endWithJvm, directory, port, options.pass());
            }
        }
        process.destroyForcibly();
        throw new IOException("Cannot start docker-registry: " + Files.readString(log));
    }

    /** In memory where the system has that: the registry syncs every small file. */
    private static Path temporaryDirectory() throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isDirectory(memory) && Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "docker-registry")
                : Files.createTempDirectory("docker-registry");
    }

    private static String config(Path directory, Options options) {
        StringBuilder yaml = new StringBuilder("""
                version: 0.1
                log: {level: info, accesslog: {disabled: true}}
                storage:
                  cache: {blobdescriptor: inmemory}
                  filesystem: {rootdirectory: "%s"}
                  delete: {enabled: true}
                  maintenance: {uploadpurging: {enabled: false}}
                http: {addr: "127.0.0.1:%d", secret: for-tests, relativeurls: true}
                validation: {manifests: {urls: {allow: [".*"]}}}
                compatibility: {schema1: {enabled: true}}
                """.formatted(directory.resolve("storage"), options.port()));
        if (options.auth() != null) {
            yaml.append("auth: ").append(options.auth()).append('\n');
        }
        if (options.notifications() != null) {
            String headers = options.authorization() == null
                    ? ""
                    : ", headers: {Authorization: [\"" + options.authorization() + "\"]}";
            yaml.append("notifications: {endpoints: [{name: precast, url: \"").append(options.notifications());
            yaml.append("\", timeout: 5s, threshold: 5, backoff: 1s").append(headers);
            yaml.append(", ignore: {mediatypes: [application/octet-stream], actions: [pull]}}]}\n");
        }
        return yaml.toString();
    }

    /** Of the process, for measuring what it uses. */
    public long pid() {
        return process.pid();
    }

    /** {@code http://127.0.0.1:PORT}, without a slash at the end. */
    public URI uri() {
        return uri;
    }

    /** {@code 127.0.0.1:PORT}. */
    public String authority() {
        return uri.getAuthority();
    }

    /** The installed version, as the program prints it. */
    public static String version() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("docker-registry", "--version")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }

    /** Uploads a blob unless the repository has it. */
    public Digest pushBlob(String repository, byte[] content) throws IOException, InterruptedException {
        Digest digest = Digest.sha256(content);
        HttpRequest.Builder head = request("/v2/" + repository + "/blobs/" + digest);
        if (send(head.method("HEAD", HttpRequest.BodyPublishers.noBody())).statusCode() == 200) {
            return digest;
        }
        URI upload = startUpload(repository, "");
        String query = (upload.getRawQuery() == null ? "?" : "&") + "digest=" + digest;
        HttpResponse<byte[]> put = send(newBuilder(URI.create(upload + query))
                .header("Content-Type", "application/octet-stream")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(content)));
        require(put, 201, "upload a blob to " + repository);
        return digest;
    }

    /** Makes a blob of {@code from} known in {@code repository}. */
    public void mountBlob(String repository, Digest digest, String from) throws IOException, InterruptedException {
        startUpload(repository, "?mount=" + digest + "&from=" + from);
    }

    private URI startUpload(String repository, String query) throws IOException, InterruptedException {
        HttpResponse<byte[]> post = send(
                request("/v2/" + repository + "/blobs/uploads/" + query).POST(HttpRequest.BodyPublishers.noBody()));
        require(post, query.isEmpty() ? 202 : 201, "start an upload to " + repository);
        return uri.resolve(post.headers().firstValue("Location").orElseThrow());
    }

    /**
     * Pushes a manifest.
     *
     * @param reference a tag, or the digest of {@code content}
     */
    public Digest pushManifest(String repository, String reference, String mediaType, byte[] content)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> put = send(request("/v2/" + repository + "/manifests/" + reference)
                .header("Content-Type", mediaType)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(content)));
        require(put, 201, "push " + repository + ":" + reference);
        return Digest.sha256(content);
    }

    /** Deletes a manifest with all its tags. */
    public void deleteManifest(String repository, Digest digest) throws IOException, InterruptedException {
        HttpResponse<byte[]> delete =
                send(request("/v2/" + repository + "/manifests/" + digest).DELETE());
        require(delete, 202, "delete " + repository + "@" + digest);
    }

    /**
     * Asks for a manifest.
     *
     * @param accept one {@code Accept} line each; none to be an old client
     * @throws IOException also when the registry closes the connection without an answer
     */
    public HttpResponse<byte[]> getManifest(String repository, String reference, List<String> accept)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request("/v2/" + repository + "/manifests/" + reference);
        accept.forEach(type -> request.header("Accept", type));
        return send(request.GET());
    }

    /** Ends the process and deletes its storage; may be called twice. */
    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(endWithJvm);
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private HttpRequest.Builder request(String path) {
        return newBuilder(uri.resolve(path)).timeout(Duration.ofSeconds(60));
    }

    private HttpRequest.Builder newBuilder(URI address) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(address);
        return pass == null ? builder : builder.header("Authorization", pass);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static void require(HttpResponse<byte[]> response, int status, String what) throws IOException {
        if (response.statusCode() != status) {
            throw new IOException("Cannot " + what + ": found status " + response.statusCode() + " "
                    + new String(response.body(), StandardCharsets.UTF_8) + ", expected " + status + ".");
        }
    }
}
