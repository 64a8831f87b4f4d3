package dev.precast.serving.view;

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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestViewTest {
    private static final Reference TAG = new Reference("a", "v1");
    private static final TagOffers OFFERS = Images.offers("a", "v1", 1, MediaTypes.SCHEMA2, Images.schema1("a", "v1"));

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
                ManifestView second = new ManifestView(root, 1 << 20)) {
            assertThat(view.ready()).isFalse();
            assertThatThrownBy(second::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Cannot open the view at")
                    .hasMessageContaining("no other process");
        }
    }

    @Test
    void suspend_keepsEverything() throws Exception {
        try (ManifestView view = opened()) {
            fill(view.current());
            view.markReady();
            view.suspend();
            assertThat(view.ready()).isFalse();
            assertThatThrownBy(() -> view.offers(TAG)).isInstanceOf(DamagedViewException.class);
            view.ensureOpen();
            assertThat(view.ready()).isTrue();
            assertThat(view.damaged()).isFalse();
            assertThat(view.offers(TAG)).hasValue(OFFERS);
        }
    }

    private ManifestView opened() throws IOException {
        ManifestView view = new ManifestView(root, 1 << 20);
        view.open();
        return view;
    }

    private static void fill(RocksView view) throws Exception {
        view.apply(List.of(new ViewChange.PutOffers(TAG.toString(), 1, OFFERS)), Map.of());
    }

    private List<Path> generations() throws IOException {
        try (Stream<Path> children = Files.list(root)) {
            return children.filter(Files::isDirectory).toList();
        }
    }

    private List<Path> files(String prefix) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(f -> f.getFileName().toString().startsWith(prefix))
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
