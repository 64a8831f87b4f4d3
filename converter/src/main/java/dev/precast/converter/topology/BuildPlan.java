package dev.precast.converter.topology;

import dev.precast.converter.Conversion;
import dev.precast.converter.ImageConverter;
import dev.precast.converter.jws.ManifestSigner;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.ProviderException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What to do for one tag, decided without Kafka: the manifests to publish, then the offers, then the digests to take back, and
 * what to remember.
 *
 * @param manifests to publish first, so that no reader sees an offer whose bytes it lacks; without those that lie there already
 * @param claimed digests that this tag holds from now on and did not before
 * @param offers of the tag; absent when they are to be taken back
 * @param saysOffers whether the offers are to be published: a new signature changes no offer
 * @param released digests that this tag no longer holds; they go when no other tag of the repository holds them
 * @param built what to remember
 * @param version that all of it carries
 */
record BuildPlan(
        List<VariantManifest> manifests,
        Set<Digest> claimed,
        @Nullable TagOffers offers,
        boolean saysOffers,
        Set<Digest> released,
        Built built,
        long version) {
    /** Builds whose manifests stay pullable by digest after the tag has moved on: running pulls and pinned digests live on. */
    static final int PREVIOUS_BUILDS_KEPT = 8;

    private static final Comparator<Digest> BY_TEXT = Comparator.comparing(Digest::toString);
    /** Above this the exact record size is looked at; escaping at most multiplies by six, twice. */
    private static final int SURELY_SMALL = Limits.MAX_RECORD_BYTES / 40;

    /**
     * Takes everything back: the tag is gone, or conversion was turned off for it.
     *
     * @param sourceOffset offset of the record that says so, or -1 when a walk does
     */
    static BuildPlan takeBack(Built before, long version, long sourceOffset) {
        Set<Digest> released = new TreeSet<>(BY_TEXT);
        released.addAll(before.allDigests());
        released.addAll(repeated(before, sourceOffset));
        long newest = Math.max(version, before.version());
        return new BuildPlan(
                List.of(), Set.of(), null, true, released, Built.nothing(newest, sourceOffset, released), newest);
    }

    /** Whether {@code before} is what building {@code image} now would give, or better. */
    static boolean upToDate(@Nullable Built before, ImageRecord image, Desired desired) {
        return before != null
                && before.content().equals(Built.contentOf(image))
                && desired.isKept(BuiltWith.parse(before.builtWith()))
                && !before.hasEarlierBy(desired.signers().retired());
    }

    /** Whether publishing this would say again what {@code before} said. */
    boolean saysTheSameAs(@Nullable Built before) {
        return before != null
                && released.isEmpty()
                && built.content().equals(before.content())
                && built.output().equals(before.output());
    }

    /**
     * Builds and signs everything that {@code image} can be offered as.
     *
     * @param before what was built last; absent the first time
     * @param sourceOffset offset of the image record, or -1 when a walk asks
     * @throws UnsignedException if signing fails, twice
     */
    static BuildPlan build(@Nullable Built before, ImageRecord image, Desired desired, long sourceOffset) {
        String content = Built.contentOf(image);
        boolean sameContent = before != null && before.content().equals(content);
        Instant observedAt = before != null && sameContent ? before.observedAt() : image.observedAt();
        List<VariantManifest> manifests = new ArrayList<>();
        Map<String, TagOffers.Offer> offers = new TreeMap<>();
        String rootMediaType = convert(image, desired, observedAt, manifests, offers);
        BuiltWith builtWith = desired.builtWith();
        TagOffers tagOffers = new TagOffers(
                image.repository(),
                image.tag(),
                image.version(),
                image.rootDigest(),
                rootMediaType,
                offers,
                builtWith.withoutKeys());

        Set<Digest> digests = new TreeSet<>(BY_TEXT);
        manifests.forEach(manifest -> digests.add(manifest.digest()));
        List<Built.Earlier> previous = before == null
                ? List.of()
                : previous(before, digests, sameContent, desired.signers().retired());
        Set<Digest> released = before == null ? Set.of() : released(before, digests, previous, sourceOffset);
        // After a walk the same record may still come again, from before a crash, and repeat all that was to be said.
        Built walkedOver = before != null && sourceOffset < 0 && before.version() == image.version() ? before : null;
        Built built = new Built(
                image.version(),
                walkedOver == null ? sourceOffset : walkedOver.sourceOffset(),
                content,
                observedAt,
                builtWith.toString(),
                output(manifests, tagOffers),
                Digest.sha256(tagOffers.toString().getBytes(StandardCharsets.UTF_8))
                        .hex(),
                digests,
                previous,
                walkedOver == null ? released : alsoReleased(walkedOver, released, digests, previous));
        return new BuildPlan(manifests, built.allDigests(), tagOffers, true, released, built, image.version())
                .without(sourceOffset >= 0 && before != null && before.sourceOffset() == sourceOffset ? null : before);
    }

    /** The same without what was published with {@code before}; all of it when that is absent or in doubt. */
    private BuildPlan without(@Nullable Built before) {
        if (before == null || before.isDoubtful()) {
            return this;
        }
        Set<Digest> held = before.allDigests();
        // Of a signed manifest the digest covers the payload only: the same digest may have new signatures.
        List<VariantManifest> unsaid = manifests.stream()
                .filter(manifest ->
                        manifest.mediaType().equals(MediaTypes.SCHEMA1_SIGNED) || !held.contains(manifest.digest()))
                .toList();
        Set<Digest> unclaimed = new TreeSet<>(BY_TEXT);
        unclaimed.addAll(claimed);
        unclaimed.removeAll(held);
        boolean otherOffers = !Objects.equals(built.offers(), before.offers());
        return new BuildPlan(unsaid, unclaimed, offers, otherOffers, released, built, version);
    }

    private static @Nullable String convert(
            ImageRecord image,
            Desired desired,
            Instant observedAt,
            List<VariantManifest> manifests,
            Map<String, TagOffers.Offer> offers) {
        try {
            Conversion conversion = ImageConverter.convert(image, desired.settings());
            manifests.addAll(conversion.manifests());
            offers.putAll(conversion.offers());
            addSchema1(image, desired, observedAt, conversion.schema1(), manifests, offers);
            tooLarge(manifests).ifPresent(refusal -> refuseAll(refusal, manifests, offers));
            return conversion.rootMediaType();
        } catch (UnsignedException e) {
            // Nothing is wrong with the image.
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            // A bug of ours, or of a library: the tag must not keep its old image, and the stream must go on.
            refuseAll(
                    new Refusal(RefusalReason.CONVERTER_FAULT, "Precast failed on this image: " + e),
                    manifests,
                    offers);
            return image.root() == null ? null : image.root().mediaType();
        }
    }

    private static void addSchema1(
            ImageRecord image,
            Desired desired,
            Instant observedAt,
            Conversion.Schema1 schema1,
            List<VariantManifest> manifests,
            Map<String, TagOffers.Offer> offers) {
        if (schema1 instanceof Conversion.Schema1.Payload payload) {
            Digest digest = Digest.sha256(payload.payload());
            byte[] signed = sign(payload.payload(), desired.keys(), observedAt);
            manifests.add(new VariantManifest(
                    image.repository(),
                    digest,
                    MediaTypes.SCHEMA1_SIGNED,
                    new String(signed, StandardCharsets.UTF_8),
                    payload.from()));
            offers.put(MediaTypes.SCHEMA1_SIGNED, TagOffers.Offer.of(digest));
        } else if (schema1 instanceof Conversion.Schema1.Stored stored) {
            manifests.add(new VariantManifest(
                    image.repository(),
                    stored.manifest().digest(),
                    stored.manifest().mediaType(),
                    stored.manifest().content(),
                    null));
            offers.put(
                    MediaTypes.SCHEMA1_SIGNED,
                    TagOffers.Offer.of(stored.manifest().digest()));
        } else if (schema1 instanceof Conversion.Schema1.Refused refused) {
            offers.put(MediaTypes.SCHEMA1_SIGNED, TagOffers.Offer.refused(refused.refusal()));
        }
    }

    /** A second time if it fails: what a computer gets wrong once, it may get right then. */
    private static byte[] sign(byte[] payload, List<SigningKey> keys, Instant time) {
        try {
            return ManifestSigner.sign(payload, keys, time);
        } catch (IllegalStateException | ProviderException first) {
            try {
                return ManifestSigner.sign(payload, keys, time);
            } catch (IllegalStateException | ProviderException second) {
                throw new UnsignedException(second);
            }
        }
    }

    private static Optional<Refusal> tooLarge(List<VariantManifest> manifests) {
        return manifests.stream()
                .filter(manifest -> manifest.content().length() > SURELY_SMALL)
                .filter(manifest -> RecordJson.write(manifest).length > Limits.MAX_RECORD_BYTES - 1024)
                .findFirst()
                .map(manifest -> new Refusal(
                        RefusalReason.TOO_LARGE,
                        "The converted manifest has " + manifest.content().length()
                                + " characters and does not fit a record of " + Limits.MAX_RECORD_BYTES + " bytes."));
    }

    private static void refuseAll(
            Refusal refusal, List<VariantManifest> manifests, Map<String, TagOffers.Offer> offers) {
        manifests.clear();
        offers.replaceAll((mediaType, offer) -> TagOffers.Offer.refused(refusal));
        offers.put(MediaTypes.SCHEMA1_SIGNED, TagOffers.Offer.refused(refusal));
    }

    private static List<Built.Earlier> previous(
            Built before, Set<Digest> digests, boolean sameContent, Set<String> retired) {
        List<Built.Earlier> candidates = new ArrayList<>();
        // A rebuild of the same image under other settings replaces what it offered; only a moved tag leaves something
        // behind.
        if (!sameContent) {
            candidates.add(new Built.Earlier(before.digests(), before.keys()));
        }
        candidates.addAll(before.previous());
        List<Built.Earlier> previous = new ArrayList<>();
        for (Built.Earlier earlier : candidates) {
            Set<Digest> rest = new TreeSet<>(BY_TEXT);
            rest.addAll(earlier.digests());
            rest.removeAll(digests);
            if (!rest.isEmpty() && !earlier.isBy(retired) && previous.size() < PREVIOUS_BUILDS_KEPT) {
                previous.add(new Built.Earlier(rest, earlier.keys()));
            }
        }
        return previous;
    }

    /** Fingerprint of what readers get to see, apart from versions. */
    private static String output(List<VariantManifest> manifests, TagOffers offers) {
        MessageDigest hash = Digest.EMPTY_LAYER.newHasher();
        for (VariantManifest manifest : manifests) {
            hash.update(manifest.digest().toString().getBytes(StandardCharsets.US_ASCII));
            hash.update(manifest.mediaType().getBytes(StandardCharsets.UTF_8));
            hash.update(manifest.bytes());
        }
        hash.update(offers.offers().toString().getBytes(StandardCharsets.UTF_8));
        hash.update(offers.builtWith().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash.digest());
    }

    private static Set<Digest> released(
            Built before, Set<Digest> digests, List<Built.Earlier> previous, long sourceOffset) {
        Set<Digest> released = new TreeSet<>(BY_TEXT);
        released.addAll(before.allDigests());
        released.addAll(repeated(before, sourceOffset));
        released.removeAll(digests);
        previous.forEach(earlier -> released.removeAll(earlier.digests()));
        return released;
    }

    /** What the record that this build repeats had released, too, unless it is held again. */
    private static Set<Digest> alsoReleased(
            Built before, Set<Digest> released, Set<Digest> digests, List<Built.Earlier> previous) {
        Set<Digest> all = new TreeSet<>(BY_TEXT);
        all.addAll(released);
        all.addAll(before.released());
        all.removeAll(digests);
        previous.forEach(earlier -> all.removeAll(earlier.digests()));
        return all;
    }

    /**
     * When the same record comes again after a crash, what it took back may not have been said yet: it is said again. Later, when it
     * could not be built then.
     */
    private static Set<Digest> repeated(Built before, long sourceOffset) {
        boolean again = sourceOffset >= 0 && before.sourceOffset() == sourceOffset;
        return again || before.isDoubtful() ? before.released() : Set.of();
    }
}
