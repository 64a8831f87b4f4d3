package dev.precast.converter.topology;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.ImageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the converter last built for a tag: enough to tell whether it must be built again, and what to take back when the tag
 * goes.
 *
 * @param version of the image record it was built from
 * @param sourceOffset of that record in its partition; -1 when a walk built it
 * @param content fingerprint of the image, see {@link #contentOf}
 * @param observedAt when this content was first seen under the tag: the signatures' time
 * @param builtWith see {@link BuiltWith}; in doubt behind a word that makes it equal no build
 * @param output fingerprint of what was published
 * @param offers fingerprint of the offers among it, their version included; absent in memories of older versions
 * @param digests of the manifests that the tag offers now
 * @param previous earlier builds of the tag that are still served, the newest first
 * @param released digests that this build took back
 */
record Built(
        long version,
        long sourceOffset,
        String content,
        Instant observedAt,
        String builtWith,
        String output,
        @Nullable String offers,
        Set<Digest> digests,
        List<Earlier> previous,
        Set<Digest> released) {

    private static final String NOTHING = "nothing";
    private static final String DOUBTFUL = "doubtful";

    /**
     * An earlier build, of another image.
     *
     * @param digests that it offered and that the tag's later builds do not
     * @param keys by which it is signed
     */
    record Earlier(Set<Digest> digests, Set<String> keys) {
        boolean isBy(Set<String> some) {
            return keys.stream().anyMatch(some::contains);
        }
    }

    /** The memory of a tag that offers nothing any more. Kept, so that a repeated record can repeat what it took back. */
    static Built nothing(long version, long sourceOffset, Set<Digest> released) {
        return new Built(
                version,
                sourceOffset,
                NOTHING,
                Instant.EPOCH,
                NOTHING,
                NOTHING,
                NOTHING,
                Set.of(),
                List.of(),
                released);
    }

    /** Not when that is in doubt: what was taken back may have to be taken back again. */
    boolean isNothing() {
        return content.equals(NOTHING) && !isDoubtful();
    }

    /** The same, but to be built again as soon as it can be: it may not have been published. */
    Built doubtful() {
        return new Built(
                version,
                sourceOffset,
                content,
                observedAt,
                isDoubtful() ? builtWith : DOUBTFUL + " " + builtWith,
                DOUBTFUL,
                null,
                digests,
                previous,
                released);
    }

    boolean isDoubtful() {
        return builtWith.startsWith(DOUBTFUL);
    }

    /** Ids of the keys by which it is signed, also when it is in doubt; none when an older release has doubted it. */
    Set<String> keys() {
        String text = isDoubtful() ? builtWith.substring(DOUBTFUL.length()).strip() : builtWith;
        return BuiltWith.parse(text).keys();
    }

    /** Whether something is still served that one of these keys has signed for an earlier build. */
    boolean hasEarlierBy(Set<String> keys) {
        return !keys.isEmpty() && previous.stream().anyMatch(earlier -> earlier.isBy(keys));
    }

    /** Fingerprint of all that a conversion reads of the image. */
    static String contentOf(ImageRecord image) {
        StringBuilder text = new StringBuilder().append(image.rootDigest()).append('\n');
        image.children().forEach(child -> text.append(child.digest()).append('\n'));
        text.append('|');
        image.configs().forEach(config -> text.append(config.digest()).append('\n'));
        text.append('|');
        image.heldLayers().stream()
                .map(Digest::toString)
                .sorted()
                .forEach(held -> text.append(held).append('\n'));
        text.append('|').append(image.refusal());
        return Digest.sha256(text.toString().getBytes(StandardCharsets.UTF_8)).hex();
    }

    /** Every digest that must be taken back when the tag goes. */
    Set<Digest> allDigests() {
        Set<Digest> all = new TreeSet<>(Comparator.comparing(Digest::toString));
        all.addAll(digests);
        previous.forEach(earlier -> all.addAll(earlier.digests()));
        return all;
    }
}
