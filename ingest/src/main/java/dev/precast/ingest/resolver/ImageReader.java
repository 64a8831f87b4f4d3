package dev.precast.ingest.resolver;

import dev.precast.ingest.registry.Answer;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.ManifestParser;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads all that a tag points to: one GET by tag, everything below by digest. So a tag that moves meanwhile can give an older
 * image, never a mixture. Thread-safe.
 */
final class ImageReader {
    /** Room for the record's other fields below {@link Limits#MAX_RECORD_BYTES}. */
    private static final int MAX_DRAFT_BYTES = Limits.MAX_RECORD_BYTES - (64 << 10);
    /** What is read as an image config; other types mark charts, signatures and other artifacts, which nobody converts. */
    private static final Set<String> CONFIG_TYPES =
            Set.of(MediaTypes.SCHEMA2_CONFIG, MediaTypes.OCI_CONFIG, MediaTypes.OCTET_STREAM);

    private final RegistryClient registry;
    private final Clock clock;

    ImageReader(RegistryClient registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
    }

    /**
     * @param known a root that the caller has read whole and published: when the tag still points there, nothing more is read
     * @param afterPing first ask whether the registry works at all, so that "gone" is its word and not an outage's
     */
    Reading read(Reference tag, Optional<Digest> known, boolean afterPing) {
        if (afterPing && registry.ping() instanceof Answer.Transient<Boolean> down) {
            return Reading.Failed.of(down);
        }
        Answer<Blob> answer = registry.manifest(tag);
        Instant observedAt = clock.instant();
        if (answer instanceof Answer.Absent<Blob>) {
            return new Reading.Gone();
        }
        if (answer instanceof Answer.Transient<Blob> failure) {
            return Reading.Failed.of(failure);
        }
        if (answer instanceof Answer.Unusable<Blob> unusable) {
            Digest digest = unusable.digest().orElseGet(() -> unnamed(unusable.refusal()));
            ImageRecord draft = draft(tag, digest, null, new ImageParts(), unusable.refusal());
            return new Reading.Held(draft, observedAt, List.of(doubt(unusable)), false);
        }
        Blob root = ((Answer.Found<Blob>) answer).value();
        if (known.isPresent() && known.get().equals(root.digest())) {
            return new Reading.Unchanged(root.digest());
        }
        return below(tag, root, observedAt);
    }

    private Reading below(Reference tag, Blob root, Instant observedAt) {
        ImageParts parts = new ImageParts();
        parts.add(root);
        Refusal refusal = null;
        try {
            Manifest manifest = ManifestParser.parse(root.mediaType(), root.bytes());
            if (manifest instanceof Manifest.Image image) {
                readImage(tag.repository(), image, parts, true);
            } else if (manifest instanceof Manifest.Index index) {
                readChildren(tag.repository(), index, parts);
            }
        } catch (RefusedException e) {
            refusal = e.refusal();
            parts.doubt(e.refusal().reason().name());
        } catch (FailedException e) {
            return failed(tag, root, observedAt, e.failure());
        }
        ImageRecord draft = draft(tag, root.digest(), root, parts, refusal);
        return new Reading.Held(fitting(tag, draft), observedAt, parts.doubts(), parts.isLacking());
    }

    private static Reading failed(Reference tag, Blob root, Instant observedAt, Answer.Transient<?> failure) {
        Refusal refusal = new Refusal(
                RefusalReason.BLOB_MISSING, "What the manifest names cannot be read for long: " + failure.message());
        ImageRecord draft = draft(tag, root.digest(), root, new ImageParts(), refusal);
        Reading.Held instead = new Reading.Held(
                fitting(tag, draft), observedAt, List.of(failure.cause().name()), false);
        return new Reading.Failed(failure.cause(), failure.message(), failure.retryAfter(), Optional.of(instead));
    }

    private void readChildren(String repository, Manifest.Index index, ImageParts parts) throws FailedException {
        List<Descriptor> wanted = ChildSelection.wanted(index);
        for (Descriptor entry : wanted) {
            if (parts.isFull(entry.size()) || parts.hasChild(entry.digest())) {
                continue;
            }
            Answer<Blob> answer = registry.manifest(repository, entry.digest());
            if (!usable(answer, entry.digest(), parts)) {
                continue;
            }
            Blob child = ((Answer.Found<Blob>) answer).value();
            boolean sizeAgrees = MediaTypes.isSchema1(child.mediaType()) // Registries sign these anew at every request.
                    || child.bytes().length == entry.size();
            if (!child.mediaType().equals(entry.mediaType()) || !sizeAgrees) {
                parts.doubt(entry.digest() + " is another type or size");
                continue;
            }
            parts.addChild(child);
            try {
                if (ManifestParser.parse(child.mediaType(), child.bytes()) instanceof Manifest.Image image) {
                    readImage(repository, image, parts, false);
                }
            } catch (RefusedException e) {
                parts.doubt(entry.digest() + " "
                        + e.refusal()
                                .reason()); // One bad child spoils no other; the converter names what is wrong with it.
            }
        }
        parts.sortChildren(index.manifests());
    }

    /** @param only whether the tag is this image and nothing else, so that what it lacks is a refusal of the tag */
    private void readImage(String repository, Manifest.Image image, ImageParts parts, boolean only)
            throws RefusedException, FailedException {
        Descriptor config = image.config();
        if (CONFIG_TYPES.contains(config.mediaType())
                && !parts.hasConfig(config.digest())
                && (only || !parts.isFull(config.size()))) {
            Answer<Blob> answer = registry.config(repository, config);
            if (only) {
                requireConfig(answer, config, parts);
            }
            if (usable(answer, config.digest(), parts)) {
                Blob blob = ((Answer.Found<Blob>) answer).value();
                boolean sizeAgrees = blob.bytes().length == config.size();
                if (sizeAgrees) {
                    parts.addConfig(blob);
                } else if (only) {
                    throw new RefusedException(
                            RefusalReason.MALFORMED_MANIFEST,
                            "The manifest says that its config has " + config.size() + " bytes, found "
                                    + blob.bytes().length + ".");
                } else {
                    parts.doubt(config.digest() + " is another size");
                }
            }
        }
        for (Descriptor layer : image.layers()) {
            if (ChildSelection.isForeign(layer) && parts.mayAsk(layer.digest())) {
                Answer<Boolean> held = registry.holdsBlob(repository, layer.digest());
                if (usable(held, layer.digest(), parts) && ((Answer.Found<Boolean>) held).value()) {
                    parts.addHeldLayer(layer.digest());
                }
            }
        }
    }

    private static void requireConfig(Answer<Blob> answer, Descriptor config, ImageParts parts)
            throws RefusedException {
        if (answer instanceof Answer.Absent<Blob>) {
            throw new RefusedException(
                    RefusalReason.BLOB_MISSING, "The registry does not hold the config " + config.digest() + ".");
        }
        if (answer instanceof Answer.Unusable<Blob> unusable) {
            throw new RefusedException(unusable.refusal());
        }
        if (answer instanceof Answer.Transient<Blob> failure && failure.cause().lasts()) {
            parts.doubt(failure.cause().name()); // Not the message: places that are redirected to change.
            throw new RefusedException(
                    RefusalReason.BLOB_MISSING,
                    "The config " + config.digest() + " cannot be read: " + failure.message());
        }
    }

    /**
     * Whether it was found. What is absent is left out, and looked for again when the tag is swept; what is unusable, or cannot be
     * read until somebody changes something, is left out with a doubt: if it only failed the reading, an older image would stand there
     * for ever.
     */
    private static <T> boolean usable(Answer<T> answer, Digest digest, ImageParts parts) throws FailedException {
        if (answer instanceof Answer.Transient<T> failure) {
            if (!failure.cause().lasts()) {
                throw new FailedException(failure);
            }
            parts.doubt(digest + " " + failure.cause());
        }
        if (answer instanceof Answer.Unusable<T> unusable) {
            parts.doubt(digest + " " + doubt(unusable));
        }
        if (answer instanceof Answer.Absent<T>) {
            parts.lack();
        }
        return answer instanceof Answer.Found<T>;
    }

    private static String doubt(Answer.Unusable<?> unusable) {
        return unusable.refusal().reason().name();
    }

    private static ImageRecord draft(
            Reference tag, Digest digest, @Nullable Blob root, ImageParts parts, @Nullable Refusal refusal) {
        return new ImageRecord(
                tag.repository(),
                tag.tag(),
                0,
                Instant.EPOCH,
                digest,
                root,
                refusal == null ? parts.children() : List.of(),
                refusal == null ? parts.configs() : List.of(),
                refusal == null ? parts.heldLayers() : List.of(),
                refusal);
    }

    /** JSON escapes can double a blob, control characters make six of one: what does not fit our topic is a refusal. */
    private static ImageRecord fitting(Reference tag, ImageRecord draft) {
        int bytes = RecordJson.write(draft).length;
        if (bytes <= MAX_DRAFT_BYTES) {
            return draft;
        }
        Refusal refusal = new Refusal(
                RefusalReason.TOO_LARGE,
                "The image's manifests and configs make a record of " + bytes + " bytes, at most " + MAX_DRAFT_BYTES
                        + " are kept.");
        return draft(tag, draft.rootDigest(), null, new ImageParts(), refusal);
    }

    /** A stand-in for the digest of what has none that we know: stable, so that it counts as the same thing next time. */
    private static Digest unnamed(Refusal refusal) {
        return Digest.sha256(refusal.reason().name().getBytes(StandardCharsets.UTF_8));
    }

    /** Reading stops here and is repeated as a whole. */
    private static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Answer.Transient<?> failure;

        FailedException(Answer.Transient<?> failure) {
            super(failure.message(), null, false, false);
            this.failure = failure;
        }

        Answer.Transient<?> failure() {
            return failure;
        }
    }
}
