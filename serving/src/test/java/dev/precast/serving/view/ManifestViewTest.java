package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.support.Images;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestViewTest {
    private static final Reference TAG = new Reference("a", "v1");
    private static final TagOffers OFFERS = Images.offers("a", "v1", 1, MediaTypes.SCHEMA2, Images.schema1("a", "v1"));

    private static final Duration MAX_STALENESS = Duration.ofSeconds(10);

    private final AtomicLong now = new AtomicLong();

    @TempDir
    Path root;

    @Test
    void open_findsWhatWasLeft() throws Exception {
        try (ManifestView view = opened()) {
            fill(view.current());
        }
        try (ManifestView view = opened()) {
            assertThat(view.offers(TAG)).hasValue(OFFERS);
            assertThat(view.ready()).isFalse();
        }
    }

    @Test
    void replace_swapsAndDeletesTheOld() throws Exception {
        try (ManifestView view = opened()) {
            Path old = view.current().directory();
            RocksView fresh = view.fresh();
            fill(fresh);
            assertThat(view.offers(TAG)).isEmpty();
            view.replace(fresh);
            assertThat(view.offers(TAG)).hasValue(OFFERS);
            assertThat(old).doesNotExist();
        }
        try (ManifestView view = opened()) {
            assertThat(view.offers(TAG)).hasValue(OFFERS);
        }
    }

    @Test
    void replace_whatCannotBeDeleted_isLeft() throws Exception {
        Path deep = Files.createDirectory(root.resolve("view-1"));
        Path bottom = deeper(deep);
        Path other = Files.createDirectory(root.resolve("other"));
        deeper(other);
        // Together deeper than any path can be long, which nobody can delete by paths, not even root.
        Files.move(other, bottom.resolve("other"));
        try (ManifestView view = opened()) {
            Path old = view.current().directory();
            RocksView fresh = view.fresh();
            fill(fresh);
            view.replace(fresh);
            assertThat(view.offers(TAG)).hasValue(OFFERS);
            assertThat(generations()).containsExactlyInAnyOrder(deep, fresh.directory());
            assertThat(old).doesNotExist();
        } finally {
            Files.move(bottom.resolve("other"), other);
        }
    }

    private static Path deeper(Path folder) throws IOException {
        Path bottom = folder;
        for (int i = 0; i < 15; i++) {
            bottom = bottom.resolve("d".repeat(200));
        }
        return Files.createDirectories(bottom);
    }

    @Test
    void open_forgetsAnUnfinishedGeneration() throws Exception {
        try (ManifestView view = opened()) {
            RocksView unfinished = view.fresh();
            fill(unfinished);
            unfinished.close();
        }
        try (ManifestView view = opened()) {
            assertThat(view.offers(TAG)).isEmpty();
        }
        assertThat(generations()).hasSize(1);
    }

    @Test
    void open_damagedFilesAreReplaced() throws Exception {
        try (ManifestView view = opened()) {
            fill(view.current());
        }
        for (Path file : files("MANIFEST")) {
            overwrite(file);
        }
        try (ManifestView view = opened()) {
            assertThat(view.offers(TAG)).isEmpty();
        }
        assertThat(generations()).hasSize(1);
    }

    @Test
    void open_usedByAnother() throws Exception {
        try (ManifestView view = opened();
                ManifestView second = newView()) {
            assertThat(view.ready()).isFalse();
            assertThatThrownBy(second::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Cannot open the view at")
                    .hasMessageContaining("no other process");
        }
    }

    @Test
    void reopen_keepsEverything() throws Exception {
        try (ManifestView view = opened()) {
            fill(view.current());
            view.markFull(0);
            view.reopen();
            assertThat(view.ready()).isTrue();
            assertThat(view.damaged()).isFalse();
            assertThat(view.offers(TAG)).hasValue(OFFERS);
        }
    }

    @Test
    void damaged_missesAreNotBelieved() throws Exception {
        try (ManifestView view = opened()) {
            fill(view.current());
            assertThat(view.offers(new Reference("a", "v2"))).isEmpty();
            view.markDamaged();
            assertThat(view.offers(TAG)).hasValue(OFFERS);
            assertThatThrownBy(() -> view.offers(new Reference("a", "v2"))).isInstanceOf(DamagedViewException.class);
            view.replace(view.fresh());
            assertThat(view.offers(TAG)).isEmpty();
        }
    }

    @Test
    void ready_untilTooOldOrDistrusted() throws Exception {
        try (ManifestView view = opened()) {
            assertThat(view.ready()).isFalse();
            assertThat(view.ageSeconds()).isNaN();
            view.markFull(now.get());
            now.addAndGet(MAX_STALENESS.toNanos());
            assertThat(view.ready()).isTrue();
            now.addAndGet(1);
            assertThat(view.ready()).isFalse();
            view.markFull(now.get());
            assertThat(view.ready()).isTrue();
            view.distrust();
            assertThat(view.ready()).isFalse();
        }
    }

    @Test
    void listeners_hearOfEveryChange() throws Exception {
        List<String> heard = new ArrayList<>();
        try (ManifestView view = opened()) {
            view.onChange(new ViewListener() {
                @Override
                public void changed(Collection<String> keys) {
                    heard.addAll(keys);
                }

                @Override
                public void everythingChanged() {
                    heard.add("everything");
                }
            });
            view.changed(List.of("a:v1"));
            view.markFull(1);
            view.markFull(2);
            view.replace(view.fresh());
            view.distrust();
        }
        assertThat(heard).containsExactly("a:v1", "everything", "everything", "everything");
    }

    @Test
    void current_garbledOrGone_isBuiltAnew() throws Exception {
        for (byte[] garbled : new byte[][] {{}, {(byte) 0xff, (byte) 0xfe, 0}, "view-99".getBytes(US_ASCII)}) {
            try (ManifestView view = opened()) {
                fill(view.current());
            }
            Files.write(root.resolve("CURRENT"), garbled);
            try (ManifestView view = opened()) {
                assertThat(view.offers(TAG)).isEmpty();
            }
            assertThat(generations()).hasSize(1);
        }
    }

    @Test
    void anyFileGone_isNeverServedWrong() throws Exception {
        try (ManifestView view = opened()) {
            fill(view.current());
            view.current().settle();
        }
        int files = files("").size();
        for (int i = 0; i < files; i++) {
            List<Path> present = files("");
            if (i < present.size()) {
                Files.delete(present.get(i));
            }
            try (ManifestView view = opened()) {
                // What is gone is either noticed, and the view empty, or was of no consequence.
                boolean empty = view.current().position().checkpoint().isEmpty();
                assertThat(view.offers(TAG)).isEqualTo(empty ? Optional.empty() : Optional.of(OFFERS));
                fill(view.current());
                view.current().settle();
            }
        }
    }

    private ManifestView opened() throws IOException {
        ManifestView view = newView();
        view.open();
        return view;
    }

    private ManifestView newView() {
        return new ManifestView(root, 1 << 20, MAX_STALENESS, now::get, Shard.WHOLE);
    }

    private static void fill(RocksView view) throws Exception {
        view.apply(List.of(new ViewChange.PutOffers(TAG.toString(), 1, OFFERS)), Map.of());
        view.rememberCheckpoint(Instant.EPOCH, true);
    }

    private List<Path> generations() throws IOException {
        try (Stream<Path> children = Files.list(root)) {
            return children.filter(Files::isDirectory).toList();
        }
    }

    private List<Path> files(String prefix) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .filter(f -> f.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    private static void overwrite(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (long i = 0; i < bytes.length(); i++) {
                bytes.seek(i);
                bytes.write(0x55);
            }
        }
    }
}
