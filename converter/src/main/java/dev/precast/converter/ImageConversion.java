package dev.precast.converter;

import dev.precast.converter.Conversion.Schema1;
import dev.precast.converter.docker2.ImageTypes;
import dev.precast.converter.docker2.ManifestListBuilder;
import dev.precast.converter.docker2.Schema2Builder;
import dev.precast.converter.platform.PlatformSelector;
import dev.precast.converter.schema1.Schema1Builder;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.ManifestParser;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Platform;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.TagOffers.Offer;
import dev.precast.schemas.record.VariantManifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One run of {@link ImageConverter#convert}: collects offers and their bytes. Confined to one thread. */
final class ImageConversion {
    private final ImageRecord image;
    private final List<Platform> platforms;
    private final Set<Digest> heldLayers;
    private final Map<String, Offer> offers = new LinkedHashMap<>();
    private final Map<Digest, VariantManifest> manifests = new LinkedHashMap<>();

    ImageConversion(ImageRecord image, List<Platform> platforms) {
        this.image = image;
        this.platforms = platforms;
        this.heldLayers = new LinkedHashSet<>(image.heldLayers());
    }

    Conversion convert() {
        Blob root = image.root();
        if (root == null) {
            Refusal refusal = image.refusal() != null
                    ? image.refusal()
                    : new Refusal(RefusalReason.BLOB_MISSING, "The registry does not hold the manifest of the tag.");
            return new Conversion(null, new Schema1.Refused(refusal), Map.of(), List.of());
        }
        Schema1 schema1;
        try {
            if (image.refusal() != null) {
                throw new RefusedException(image.refusal());
            }
            Manifest manifest = ManifestParser.parse(root.mediaType(), root.bytes());
            if (manifest instanceof Manifest.Index index) {
                if (index.mediaType().equals(MediaTypes.OCI_INDEX)) {
                    offer(MediaTypes.MANIFEST_LIST, () -> manifestList(root, index));
                }
                Blob child = chosenChild(index);
                schema1 = image(child, parseChild(child));
            } else {
                schema1 = image(root, manifest);
            }
        } catch (RefusedException e) {
            olderThan(root.mediaType()).forEach(type -> offers.putIfAbsent(type, Offer.refused(e.refusal())));
            schema1 = new Schema1.Refused(e.refusal());
        }
        return new Conversion(root.mediaType(), schema1, offers, List.copyOf(manifests.values()));
    }

    /** The formats with an offer of their own, for each stored format. */
    private static List<String> olderThan(String mediaType) {
        return switch (mediaType) {
            case MediaTypes.MANIFEST_LIST, MediaTypes.OCI_MANIFEST -> List.of(MediaTypes.SCHEMA2);
            case MediaTypes.OCI_INDEX -> List.of(MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST);
            default -> List.of();
        };
    }

    private Schema1 image(Blob stored, Manifest manifest) {
        if (!(manifest instanceof Manifest.Image parsed)) {
            return new Schema1.Stored(stored);
        }
        if (olderThan(image.root() == null ? "" : image.root().mediaType()).contains(MediaTypes.SCHEMA2)) {
            offer(MediaTypes.SCHEMA2, () -> schema2(stored, parsed));
        }
        try {
            ImageTypes.requireConvertible(parsed, heldLayers);
            Blob config = image.config(parsed.config().digest())
                    .orElseThrow(() -> missing("config", parsed.config().digest()));
            byte[] payload = Schema1Builder.payload(image.repository(), image.tag(), parsed, config.bytes());
            return new Schema1.Payload(payload, stored.digest());
        } catch (RefusedException e) {
            return new Schema1.Refused(e.refusal());
        }
    }

    private Digest schema2(Blob stored, Manifest.Image parsed) throws RefusedException {
        if (parsed.mediaType().equals(MediaTypes.SCHEMA2)) {
            VariantManifest untouched = new VariantManifest(
                    image.repository(), stored.digest(), stored.mediaType(), stored.content(), null);
            manifests.putIfAbsent(stored.digest(), untouched);
            return stored.digest();
        }
        return add(MediaTypes.SCHEMA2, Schema2Builder.manifest(parsed, heldLayers), stored.digest())
                .digest();
    }

    private Digest manifestList(Blob root, Manifest.Index index) throws RefusedException {
        List<ManifestListBuilder.Entry> entries = new ArrayList<>();
        List<Refusal> refusals = new ArrayList<>();
        for (int i = 0; i < index.manifests().size(); i++) {
            Descriptor entry = index.manifests().get(i);
            if (PlatformSelector.isPassedOver(entry)) {
                continue;
            }
            try {
                entries.add(listEntry(i, entry));
            } catch (RefusedException e) {
                refusals.add(e.refusal());
            }
        }
        if (entries.isEmpty()) {
            throw refusals.isEmpty() ? nothingSuitable(index) : new RefusedException(refusals.get(0));
        }
        byte[] list = ManifestListBuilder.list(root.bytes(), entries);
        return add(MediaTypes.MANIFEST_LIST, list, root.digest()).digest();
    }

    private ManifestListBuilder.Entry listEntry(int position, Descriptor entry) throws RefusedException {
        Blob child = child(entry);
        if (parseChild(child) instanceof Manifest.Image parsed
                && parsed.mediaType().equals(MediaTypes.OCI_MANIFEST)) {
            VariantManifest converted =
                    add(MediaTypes.SCHEMA2, Schema2Builder.manifest(parsed, heldLayers), child.digest());
            return new ManifestListBuilder.Entry(
                    position, MediaTypes.SCHEMA2, converted.digest(), converted.bytes().length);
        }
        return new ManifestListBuilder.Entry(position, child.mediaType(), child.digest(), child.bytes().length);
    }

    /** The child of the most wanted platform; artifacts under an image's platform are passed over. */
    private Blob chosenChild(Manifest.Index index) throws RefusedException {
        for (Descriptor entry : PlatformSelector.inOrder(index, platforms)) {
            Blob child = child(entry);
            if (!(parseChild(child) instanceof Manifest.Image parsed) || ImageTypes.isImage(parsed)) {
                return child;
            }
        }
        throw nothingSuitable(index);
    }

    private Blob child(Descriptor entry) throws RefusedException {
        Blob child = image.child(entry.digest()).orElseThrow(() -> missing("manifest", entry.digest()));
        if (!child.mediaType().equals(entry.mediaType())) {
            throw new RefusedException(
                    RefusalReason.MALFORMED_MANIFEST,
                    "The list says that " + entry.digest() + " has the media type \"" + entry.mediaType()
                            + "\", the registry says \"" + child.mediaType() + "\".");
        }
        return child;
    }

    private static Manifest parseChild(Blob child) throws RefusedException {
        return ManifestParser.parse(child.mediaType(), child.bytes());
    }

    private VariantManifest add(String mediaType, byte[] content, Digest from) throws RefusedException {
        if (content.length > Limits.MAX_MANIFEST_BYTES) {
            throw new RefusedException(
                    RefusalReason.TOO_LARGE,
                    "The manifest would have " + content.length + " bytes in the older format, at most "
                            + Limits.MAX_MANIFEST_BYTES + " are read.");
        }
        VariantManifest manifest = new VariantManifest(
                image.repository(),
                Digest.sha256(content),
                mediaType,
                new String(content, StandardCharsets.UTF_8),
                from);
        manifests.putIfAbsent(manifest.digest(), manifest);
        return manifest;
    }

    private interface Build {
        Digest build() throws RefusedException;
    }

    private void offer(String mediaType, Build build) {
        try {
            offers.put(mediaType, Offer.of(build.build()));
        } catch (RefusedException e) {
            offers.put(mediaType, Offer.refused(e.refusal()));
        }
    }

    private RefusedException nothingSuitable(Manifest.Index index) {
        boolean onlyArtifacts =
                !index.manifests().isEmpty() && index.manifests().stream().allMatch(PlatformSelector::isArtifact);
        if (onlyArtifacts) {
            return new RefusedException(
                    RefusalReason.NOT_AN_IMAGE, "The list names no images, only attestations or artifacts.");
        }
        return new RefusedException(
                RefusalReason.NO_SUITABLE_PLATFORM,
                "The list has " + index.manifests().size() + " entries, none of them an image for "
                        + String.join(
                                " or ",
                                platforms.stream().map(Platform::toString).toList()) + ".");
    }

    private static RefusedException missing(String what, Digest digest) {
        return new RefusedException(
                RefusalReason.BLOB_MISSING, "The registry does not hold the " + what + " " + digest + ".");
    }
}
