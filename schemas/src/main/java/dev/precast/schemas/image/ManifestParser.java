package dev.precast.schemas.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.json.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a manifest of any of the six types, strictly: one shape per media type (CVE-2021-41190), no ambiguity between readers.
 * Pure and thread-safe.
 */
public final class ManifestParser {
    private static final Set<String> TOP_KEYS = Set.of(
            "schemaVersion",
            "mediaType",
            "config",
            "layers",
            "manifests",
            "fsLayers",
            "history",
            "subject",
            "artifactType",
            "annotations");
    private static final Set<String> DESCRIPTOR_KEYS =
            Set.of("mediaType", "digest", "size", "platform", "urls", "annotations", "data", "artifactType");
    private static final Set<String> PLATFORM_KEYS =
            Set.of("os", "architecture", "variant", "os.version", "os.features", "features");
    /** The largest size that every JSON reader keeps exactly. */
    private static final long MAX_SIZE = 1L << 53;

    private ManifestParser() {}

    /**
     * Parses {@code bytes} as what {@code mediaType} (the registry's Content-Type, without parameters) says it is.
     *
     * @throws RefusedException {@code MALFORMED_MANIFEST}, {@code AMBIGUOUS_JSON}, {@code NOT_UTF8}, {@code TOO_LARGE} or
     *     {@code UNSUPPORTED_MEDIA_TYPE}
     */
    public static Manifest parse(String mediaType, byte[] bytes) throws RefusedException {
        if (bytes.length > Limits.MAX_MANIFEST_BYTES) {
            throw new RefusedException(
                    RefusalReason.TOO_LARGE,
                    "The manifest has " + bytes.length + " bytes, at most " + Limits.MAX_MANIFEST_BYTES + " are read.");
        }
        boolean schema1 = MediaTypes.isSchema1(mediaType);
        if (!schema1 && !MediaTypes.isImage(mediaType) && !MediaTypes.isIndex(mediaType)) {
            throw new RefusedException(
                    RefusalReason.UNSUPPORTED_MEDIA_TYPE,
                    "The manifest has the media type \"" + shorten(mediaType)
                            + "\", expected a schema 1, schema 2, manifest list or OCI type.");
        }
        JsonNode root = StrictJson.read(bytes, "manifest", RefusalReason.MALFORMED_MANIFEST);
        if (!root.isObject()) {
            throw malformed("The manifest is a JSON " + kind(root) + ", expected an object.");
        }
        StrictJson.requireNoFoldedKeys(root, TOP_KEYS, "manifest");
        requireOneShape(root);
        requireSchemaVersion(root, schema1 ? 1 : 2);
        requireMediaType(root, mediaType, schema1);
        if (schema1) {
            if (!root.path("fsLayers").isArray() || !root.path("history").isArray()) {
                throw malformed("The schema 1 manifest lacks fsLayers or history.");
            }
            requireFew(root, "fsLayers");
            requireFew(root, "history");
            return new Manifest.Schema1(mediaType);
        }
        if (MediaTypes.isImage(mediaType)) {
            if (!root.path("config").isObject()) {
                throw malformed("The manifest has no config descriptor.");
            }
            return new Manifest.Image(mediaType, descriptor(root.get("config"), "config"), descriptors(root, "layers"));
        }
        return new Manifest.Index(mediaType, descriptors(root, "manifests"));
    }

    private static void requireOneShape(JsonNode root) throws RefusedException {
        List<String> shapes =
                Stream.of("layers", "manifests", "fsLayers").filter(root::has).toList();
        if (shapes.size() > 1) {
            throw new RefusedException(
                    RefusalReason.AMBIGUOUS_JSON,
                    "The manifest has " + String.join(" beside ", shapes) + ", expected one of them (CVE-2021-41190).");
        }
    }

    private static void requireSchemaVersion(JsonNode root, int expected) throws RefusedException {
        JsonNode version = root.path("schemaVersion");
        if (!version.isInt() || version.intValue() != expected) {
            throw malformed(
                    "The manifest has schemaVersion " + shorten(version.toString()) + ", expected " + expected + ".");
        }
    }

    private static void requireMediaType(JsonNode root, String mediaType, boolean schema1) throws RefusedException {
        JsonNode declared = root.path("mediaType");
        if (declared.isMissingNode() || schema1) {
            return;
        }
        if (!declared.isTextual() || !declared.textValue().equals(mediaType)) {
            throw malformed("The manifest says mediaType " + shorten(declared.toString()) + ", the registry says \""
                    + mediaType + "\".");
        }
    }

    private static List<Descriptor> descriptors(JsonNode root, String key) throws RefusedException {
        JsonNode array = root.path(key);
        if (!array.isArray()) {
            throw malformed("The manifest's " + key + " is " + kind(array) + ", expected an array.");
        }
        requireFew(root, key);
        List<Descriptor> descriptors = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            descriptors.add(descriptor(array.get(i), key + "[" + i + "]"));
        }
        return descriptors;
    }

    private static void requireFew(JsonNode root, String key) throws RefusedException {
        int count = root.path(key).size();
        if (count > Limits.MAX_DESCRIPTORS) {
            throw new RefusedException(
                    RefusalReason.TOO_LARGE,
                    "The manifest has " + count + " " + key + ", at most " + Limits.MAX_DESCRIPTORS + " are read.");
        }
    }

    private static Descriptor descriptor(JsonNode node, String where) throws RefusedException {
        if (!node.isObject()) {
            throw malformed("The manifest's " + where + " is " + kind(node) + ", expected a descriptor.");
        }
        StrictJson.requireNoFoldedKeys(node, DESCRIPTOR_KEYS, "descriptor " + where);
        JsonNode size = node.path("size");
        if (!size.isIntegralNumber()
                || !size.canConvertToLong()
                || size.longValue() < 0
                || size.longValue() > MAX_SIZE) {
            throw malformed(
                    "The manifest's " + where + " has size " + shorten(size.toString()) + ", expected 0 to 2^53.");
        }
        String digestText = text(node, "digest", where);
        Digest digest = Digest.tryParse(digestText)
                .orElseThrow(() -> malformed("The manifest's " + where + " has the digest \"" + shorten(digestText)
                        + "\", expected sha256: or sha512: and lower-case hex."));
        JsonNode mediaType = node.path("mediaType");
        return new Descriptor(
                mediaType.isMissingNode() ? "" : text(node, "mediaType", where),
                digest,
                size.longValue(),
                platform(node.path("platform"), where),
                urls(node.path("urls"), where),
                annotations(node.path("annotations"), where));
    }

    private static @Nullable Platform platform(JsonNode node, String where) throws RefusedException {
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!node.isObject()) {
            throw malformed(
                    "The manifest's " + where + " has a platform that is " + kind(node) + ", expected an object.");
        }
        StrictJson.requireNoFoldedKeys(node, PLATFORM_KEYS, "platform of " + where);
        String at = where + ".platform";
        return new Platform(
                node.has("os") ? text(node, "os", at) : "",
                node.has("architecture") ? text(node, "architecture", at) : "",
                node.has("variant") ? emptyToNull(text(node, "variant", at)) : null,
                node.has("os.version") ? emptyToNull(text(node, "os.version", at)) : null);
    }

    private static List<String> urls(JsonNode node, String where) throws RefusedException {
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        List<String> urls = new ArrayList<>();
        for (JsonNode url : requireArray(node, where + ".urls")) {
            if (!url.isTextual()) {
                throw malformed("The manifest's " + where + ".urls holds " + kind(url) + ", expected strings.");
            }
            urls.add(url.textValue());
        }
        return urls;
    }

    private static Map<String, String> annotations(JsonNode node, String where) throws RefusedException {
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw malformed("The manifest's " + where + ".annotations is " + kind(node) + ", expected an object.");
        }
        Map<String, String> annotations = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!entry.getValue().isTextual()) {
                throw malformed("The manifest's " + where + ".annotations holds " + kind(entry.getValue())
                        + ", expected strings.");
            }
            annotations.put(entry.getKey(), entry.getValue().textValue());
        }
        return annotations;
    }

    private static JsonNode requireArray(JsonNode node, String where) throws RefusedException {
        if (!node.isArray()) {
            throw malformed("The manifest's " + where + " is " + kind(node) + ", expected an array.");
        }
        return node;
    }

    private static String text(JsonNode node, String key, String where) throws RefusedException {
        JsonNode value = node.path(key);
        if (!value.isTextual()) {
            throw malformed("The manifest's " + where + " has " + key + " " + kind(value) + ", expected a string.");
        }
        return value.textValue();
    }

    private static @Nullable String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String kind(JsonNode node) {
        return node.isMissingNode() ? "missing" : node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }

    private static String shorten(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private static RefusedException malformed(String message) {
        return new RefusedException(RefusalReason.MALFORMED_MANIFEST, message);
    }
}
