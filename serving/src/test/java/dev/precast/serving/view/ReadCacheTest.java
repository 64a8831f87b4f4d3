package dev.precast.serving.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.support.Images;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadCacheTest {
    private static final Reference TAG = new Reference("a/b", "v1");

    private final ReadCache cache = new ReadCache(1 << 20);
    private final AtomicInteger reads = new AtomicInteger();

    @Test
    void offers_readOnceWhileNothingChanges() {
        assertThat(offers(1)).isEqualTo(1);
        assertThat(offers(2)).isEqualTo(1);
        assertThat(reads).hasValue(1);
    }

    @Test
    void offers_readAgainAfterTheTagMoved() {
        offers(1);
        cache.changed(List.of("a/b:v1"));
        assertThat(offers(2)).isEqualTo(2);
        assertThat(offers(3)).isEqualTo(2);
    }

    @Test
    void offers_readAgainAfterAnyChangeOfTheRepositoryOrOfEverything() {
        offers(1);
        cache.changed(List.of("a/b@" + Digest.EMPTY_LAYER));
        assertThat(offers(2)).isEqualTo(2);
        cache.everythingChanged();
        assertThat(offers(3)).isEqualTo(3);
    }

    /** What was read before a change and arrives after it must not stay. */
    @Test
    void offers_readWhileTheyChange() {
        Optional<TagOffers> old = cache.offers(TAG, () -> {
            Optional<TagOffers> before = read(1);
            cache.changed(List.of("a/b:v1"));
            return before;
        });
        assertThat(old.map(TagOffers::version)).hasValue(1L);
        assertThat(offers(2)).isEqualTo(2);
    }

    @Test
    void offers_thatAreGone() {
        offers(1);
        cache.changed(List.of("a/b:v1"));
        assertThat(cache.offers(TAG, Optional::empty)).isEmpty();
        assertThat(offers(2)).isEqualTo(2);
    }

    @Test
    void manifest_fromTheFileWhileNothingChanges(@TempDir Path folder) throws IOException {
        cache.use(HotFile.open(folder, 1 << 20));
        StoredManifest read = new StoredManifest(
                Digest.EMPTY_LAYER, MediaTypes.SCHEMA1_SIGNED, Digest.EMPTY_LAYER, ByteBuffer.wrap(new byte[] {1, 2, 3
                }));
        cache.recall("a/b", "a/b:v1").keep(read);

        StoredManifest kept =
                Objects.requireNonNull(cache.recall("a/b", "a/b:v1").manifest());
        assertThat(kept.digest()).isEqualTo(read.digest());
        assertThat(kept.mediaType()).isEqualTo(read.mediaType());
        assertThat(kept.from()).isEqualTo(read.from());
        assertThat(kept.buffer()).isEqualTo(read.buffer());

        cache.changed(List.of("a/b:v1"));
        assertThat(cache.recall("a/b", "a/b:v1").manifest()).isNull();
        cache.close();
    }

    @Test
    void manifest_whileTheDiskIsFull_isKeptInMemoryOnly(@TempDir Path folder) throws IOException {
        cache.use(HotFile.open(folder, 1 << 20));
        cache.room(DiskSpace.Level.STOP);
        cache.recall("a/b", "a/b:v1")
                .keep(new StoredManifest(Digest.EMPTY_LAYER, MediaTypes.SCHEMA1_SIGNED, null, ByteBuffer.allocate(3)));
        assertThat(cache.recall("a/b", "a/b:v1").manifest()).isNotNull();
        cache.close();
    }

    /** What was found before a change and is kept after it must not be used. */
    @Test
    void answer_thatWasFoundWhileItChanged() {
        Recalled asked = cache.recall("a/b", "a/b:v1");
        cache.changed(List.of("a/b:v1"));
        asked.keep(new StoredManifest(Digest.EMPTY_LAYER, MediaTypes.SCHEMA1_SIGNED, null, ByteBuffer.allocate(3)));
        assertThat(cache.recall("a/b", "a/b:v1").manifest()).isNull();
    }

    private long offers(long version) {
        return cache.offers(TAG, () -> read(version)).map(TagOffers::version).orElse(-1L);
    }

    private Optional<TagOffers> read(long version) {
        reads.incrementAndGet();
        return Optional.of(Images.offers("a/b", "v1", version, MediaTypes.SCHEMA2));
    }
}
