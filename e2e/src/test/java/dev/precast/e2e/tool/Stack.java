package dev.precast.e2e.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.RegistryReader;
import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.DockerRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A registry that tells Precast what is pushed, and Precast beside it. */
public final class Stack implements AutoCloseable {
    private static final Path FOLDERS = Path.of("target", "e2e").toAbsolutePath();

    private final Path folder;
    private final DockerRegistry registry;
    private final Precast precast;
    private final AtomicInteger layouts = new AtomicInteger();

    private Stack(Path folder, DockerRegistry registry, Precast precast) {
        this.folder = folder;
        this.registry = registry;
        this.precast = precast;
    }

    /** @param options of {@code precast up}, beside {@code --registry} */
    public static Stack start(String... options) {
        Path folder = newFolder();
        Precast.Listen listen = Precast.Listen.free();
        DockerRegistry registry = registry(listen);
        try {
            String[] all = new String[options.length + 2];
            all[0] = "--registry";
            all[1] = registry.uri().toString();
            System.arraycopy(options, 0, all, 2, options.length);
            return new Stack(folder, registry, Precast.up(folder, listen, all));
        } catch (AssertionError e) {
            close(registry);
            throw e;
        }
    }

    /** A registry that sends its events to where Precast will listen; nothing needs to be there yet. */
    public static DockerRegistry registry(Precast.Listen listen) {
        try {
            return DockerRegistry.start(DockerRegistry.Options.DEFAULT.withNotifications(
                    URI.create("http://127.0.0.1:" + listen.events() + "/events")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while starting a registry.", e);
        }
    }

    /** A new folder below {@code target}, so that logs outlive the test. */
    public static Path newFolder() {
        try {
            Files.createDirectories(FOLDERS);
            return Files.createTempDirectory(FOLDERS, "run");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path folder() {
        return folder;
    }

    public DockerRegistry registry() {
        return registry;
    }

    public Precast precast() {
        return precast;
    }

    public RegistryReader served() {
        return new RegistryReader(precast.url());
    }

    public RegistryReader upstream() {
        return new RegistryReader(registry.uri());
    }

    public Skopeo skopeo() {
        return new Skopeo(folder);
    }

    /** Pushes to the registry; gives the digest that it stored the manifest under. */
    public String push(ExampleImage image, String repository, String tag, Skopeo.Format format) {
        Path layout = image.writeLayout(folder.resolve("image" + layouts.incrementAndGet()));
        skopeo().push(layout, registry.authority(), repository + ":" + tag, format);
        return storedDigest(repository, tag);
    }

    /** Pushes an index; gives the digest that the registry stored it under. */
    public String pushIndex(String repository, String tag, ExampleImage... images) {
        Path layout =
                ExampleImage.writeIndexLayout(folder.resolve("image" + layouts.incrementAndGet()), List.of(images));
        skopeo().pushIndex(layout, registry.authority(), repository + ":" + tag);
        return storedDigest(repository, tag);
    }

    /**
     * Waits until what Precast answers is made from the stored manifest of that digest, and gives the answer.
     *
     * @param from of an image; schema 1 and schema 2 of an index are made from one of its images
     */
    public Answer awaitConverted(String repository, String tag, String from, String accept) {
        String path = "/v2/" + repository + "/manifests/" + tag;
        return Awaitility.await()
                .alias(path + " converted from " + from)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> served().get(path, accept),
                        answer -> answer.header("Precast-Origin")
                                .filter(("converted; from=" + from)::equals)
                                .isPresent());
    }

    /** As {@link #push}, and waits until old clients get it; gives the answer that they get. */
    public Answer pushAndAwait(ExampleImage image, String repository, String tag, Skopeo.Format format) {
        return awaitConverted(repository, tag, push(image, repository, tag, format), MediaTypes.SCHEMA1_SIGNED);
    }

    private String storedDigest(String repository, String tag) {
        Answer stored = upstream()
                .head(
                        "/v2/" + repository + "/manifests/" + tag,
                        MediaTypes.SCHEMA2,
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_INDEX);
        assertThat(stored.status()).isEqualTo(200);
        return stored.digest();
    }

    @Override
    public void close() {
        precast.close();
        close(registry);
    }

    private static void close(DockerRegistry registry) {
        try {
            registry.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
