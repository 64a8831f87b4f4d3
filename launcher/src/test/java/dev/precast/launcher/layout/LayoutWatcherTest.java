package dev.precast.launcher.layout;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LayoutWatcherTest {
    private static final Reference TAG = new Reference("team/app", "1.0");
    private static final Digest FIRST = Digest.sha256(new byte[] {1});
    private static final Digest SECOND = Digest.sha256(new byte[] {2});

    private final List<String> posted = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private Optional<String> fault = Optional.empty();
    private HttpServer ingest;
    private LayoutWatcher watcher;

    @BeforeEach
    void start() throws Exception {
        ingest = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ingest.createContext("/events/generic", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            posted.add(exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        ingest.start();
        URI events = URI.create("http://127.0.0.1:" + ingest.getAddress().getPort() + "/events/generic");
        watcher = new LayoutWatcher(
                OciLayout.open(Path.of("..", "examples", "samples")),
                new HintPoster(events, "secret"),
                (tag, entry) -> fault);
    }

    @AfterEach
    void stop() {
        ingest.stop(0);
    }

    @Test
    void tag_isPostedOnceUntilItMoves() throws Exception {
        watcher.round(index(Map.of(TAG, FIRST)));
        watcher.round(index(Map.of(TAG, FIRST)));
        assertThat(posted)
                .containsExactly(
                        "Bearer secret {\"repository\":\"team/app\",\"tag\":\"1.0\",\"action\":\"push\",\"digest\":\""
                                + FIRST + "\"}");
        watcher.round(index(Map.of(TAG, SECOND)));
        assertThat(posted).hasSize(2).last().asString().contains(SECOND.toString());
    }

    @Test
    void tag_isPostedAgainUntilItIsTaken() throws Exception {
        status = 503;
        watcher.round(index(Map.of(TAG, FIRST)));
        status = 200;
        watcher.round(index(Map.of(TAG, FIRST)));
        watcher.round(index(Map.of(TAG, FIRST)));
        assertThat(posted).hasSize(2);
    }

    @Test
    void tag_whoseManifestIsBroken_waitsUntilItIsWhole_andIsNotTakenForGone() throws Exception {
        watcher.round(index(Map.of(TAG, FIRST)));
        fault = Optional.of("broken");
        watcher.round(index(Map.of(TAG, SECOND)));
        assertThat(posted).hasSize(1);
        fault = Optional.empty();
        watcher.round(index(Map.of(TAG, SECOND)));
        assertThat(posted).hasSize(2).last().asString().contains(SECOND.toString());
    }

    @Test
    void tag_thatIsGoneIsPostedAsDeleted() throws Exception {
        watcher.round(index(Map.of(TAG, FIRST)));
        watcher.round(index(Map.of()));
        watcher.round(index(Map.of()));
        assertThat(posted).hasSize(2).last().asString().contains("\"action\":\"delete\"");
    }

    private static LayoutIndex index(Map<Reference, Digest> tags) {
        Map<Reference, LayoutIndex.Entry> entries = new java.util.HashMap<>();
        tags.forEach((tag, digest) -> entries.put(tag, new LayoutIndex.Entry(digest, MediaTypes.OCI_MANIFEST)));
        return new LayoutIndex(entries, Map.of(), List.of());
    }
}
