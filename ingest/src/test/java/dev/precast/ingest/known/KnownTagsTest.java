package dev.precast.ingest.known;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownTagsTest {
    private static final Reference TAG = new Reference("library/hello", "v1");
    private static final Digest CONTENT = digest(99);

    private final KnownTags known = new KnownTags(8);

    @Test
    void header_isReadBack() {
        KnownTag tag = KnownTag.of(image(digest(1), digest(2), digest(3)), CONTENT, true);
        Headers headers = new RecordHeaders();
        tag.put(headers);

        KnownTag read = KnownTag.read(headers).orElseThrow();
        assertThat(read.root()).isEqualTo(tag.root());
        assertThat(read.content()).isEqualTo(tag.content());
        assertThat(read.others()).isEqualTo(tag.others()).hasSize(2);
        assertThat(read.certain()).isTrue();
    }

    @Test
    void doubt_isKeptInTheHeader_whichIsNoneToWhoDoesNotKnowIt() {
        Headers headers = new RecordHeaders();
        KnownTag.of(image(digest(1), digest(2)), CONTENT, false).put(headers);

        KnownTag read = KnownTag.read(headers).orElseThrow();
        assertThat(read.certain()).isFalse();
        assertThat(read.pointsTo(digest(1))).isTrue();
        assertThat(read.others()).hasSize(1);
        assertThat(headers.lastHeader(KnownTag.HEADER).value().length % 16).isNotZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "0123456789abcdef", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg"})
    void otherHeader_isNone(String value) {
        Headers headers =
                new RecordHeaders().add(KnownTag.HEADER, value.getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThat(KnownTag.read(headers)).isEmpty();
    }

    @Test
    void movedTag_mentionsWhatItHadBefore_butNotForEver() {
        IntStream.rangeClosed(1, 7).forEach(i -> known.put(TAG, KnownTag.of(image(digest(i)), CONTENT, true)));

        assertThat(known.tagsOf("library/hello", digest(7))).containsExactly("v1");
        assertThat(known.tagsOf("library/hello", digest(3))).containsExactly("v1");
        assertThat(known.tagsOf("library/hello", digest(2))).isEmpty();
        assertThat(known.find(TAG).orElseThrow().pointsTo(digest(7))).isTrue();
        assertThat(known.find(TAG).orElseThrow().pointsTo(digest(6))).isFalse();
    }

    @Test
    void list_mentionsItsChildren_alsoThoseThatItGetsLater() {
        known.put(TAG, KnownTag.of(image(digest(1), digest(2)), CONTENT, true));
        known.put(TAG, KnownTag.of(image(digest(1), digest(2), digest(3)), CONTENT, true));

        assertThat(known.tagsOf("library/hello", digest(2))).containsExactly("v1");
        assertThat(known.tagsOf("library/hello", digest(3))).containsExactly("v1");
        assertThat(known.tagsOf("library/hello", digest(4))).isEmpty();
    }

    @Test
    void doubtfulTag_isKnown_andPointsNowhere() {
        known.put(TAG, KnownTag.of(image(digest(1)), CONTENT, true));
        known.doubt(TAG);
        Reference other = new Reference("library/hello", "v2");
        known.doubt(other);

        assertThat(known.find(TAG).orElseThrow().pointsTo(digest(1))).isFalse();
        assertThat(known.find(TAG).orElseThrow().content()).isEqualTo(Fingerprint.NONE);
        assertThat(known.tagsOf("library/hello")).containsExactlyInAnyOrder("v1", "v2");
    }

    @Test
    void size_followsWhatComesAndGoes() {
        for (String repository : List.of("a", "b", "c/d", "e")) {
            for (String tag : List.of("v1", "v2")) {
                known.put(new Reference(repository, tag), KnownTag.of(image(digest(1)), CONTENT, true));
            }
        }
        known.put(new Reference("a", "v1"), KnownTag.of(image(digest(2)), CONTENT, true));
        assertThat(known.size()).isEqualTo(8);
        known.remove(new Reference("a", "v1"));
        known.remove(new Reference("a", "v3"));
        assertThat(known.size()).isEqualTo(7);
        assertThat(IntStream.range(0, 8).map(known::size).sum()).isEqualTo(7);

        int partition = known.partition("b");
        known.forget(p -> p == partition);
        assertThat(known.knows("b")).isFalse();
        assertThat(known.size())
                .isEqualTo(IntStream.range(0, 8).map(known::size).sum());
        assertThat(known.repositories(p -> true)).isNotEmpty().doesNotContain("b");
    }

    private static ImageRecord image(Digest root, Digest... children) {
        return new ImageRecord(
                TAG.repository(),
                TAG.tag(),
                1,
                Instant.EPOCH,
                root,
                null,
                Arrays.stream(children).map(child -> new Blob(child, "", "")).toList(),
                List.of(),
                List.of(),
                null);
    }

    private static Digest digest(int seed) {
        return Digest.sha256(new byte[] {(byte) seed});
    }
}
