package dev.precast.serving.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.support.Images;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

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

    private long offers(long version) {
        return cache.offers(TAG, () -> read(version)).map(TagOffers::version).orElse(-1L);
    }

    private Optional<TagOffers> read(long version) {
        reads.incrementAndGet();
        return Optional.of(Images.offers("a/b", "v1", version, MediaTypes.SCHEMA2));
    }
}
