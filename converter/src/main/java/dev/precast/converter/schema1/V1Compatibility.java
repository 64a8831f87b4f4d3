package dev.precast.converter.schema1;

import dev.precast.converter.schema1.ImageConfig.HistoryEntry;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.json.GoJson;
import dev.precast.schemas.json.RawJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The JSON strings and ids of single schema 1 layers ({@code manifest/schema1/config_builder.go} at v2.8.3). Ids are derived
 * from content, so they are the same for the same layers everywhere. Pure.
 */
final class V1Compatibility {
    private V1Compatibility() {}

    /**
     * The id of a layer below the newest.
     *
     * @param parent the id of the layer below; empty text for the oldest, whose hash covers the space all the same
     */
    static String id(Digest blobSum, String parent) {
        return sha256Hex((blobSum.hex() + " " + parent).getBytes(StandardCharsets.UTF_8));
    }

    /** The id of the newest layer, which also covers the config as stored. */
    static String topId(Digest blobSum, String parent, byte[] config) {
        MessageDigest hash = hasher("SHA-256");
        hash.update((blobSum.hex() + " " + parent + " ").getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash.digest(config));
    }

    /** What the oldest layer of a Windows image names as its parent: the first 32 bytes of SHA-384, as hex. */
    static String baseLayerId(String baseLayer) {
        byte[] hash = hasher("SHA-384").digest(baseLayer.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, 32);
    }

    /** The string of a layer below the newest. */
    static String entry(String id, String parent, HistoryEntry history) {
        StringBuilder out = new StringBuilder(256);
        out.append("{\"id\":\"").append(id).append('"');
        appendUnlessEmpty(out, "parent", parent);
        appendUnlessEmpty(out, "comment", history.comment());
        out.append(",\"created\":\"").append(history.created()).append("\",\"container_config\":{\"Cmd\":[");
        GoJson.appendQuoted(out, history.createdBy());
        out.append("]}");
        appendUnlessEmpty(out, "author", history.author());
        if (history.emptyLayer()) {
            out.append(",\"throwaway\":true");
        }
        return out.append('}').toString();
    }

    /**
     * The string of the newest layer: the config without {@code rootfs} and {@code history}, values as written, keys sorted by
     * bytes, the last of several equal keys taken.
     *
     * @param parent empty text when there is none below; a parent that the config itself names then stays
     */
    static String top(ImageConfig config, String id, String parent, boolean throwaway) {
        Map<String, RawJson> values = new TreeMap<>(GoJson.KEY_ORDER);
        config.members().forEach(member -> values.put(member.key(), member.value()));
        values.remove("rootfs");
        values.remove("history");
        values.put("id", new RawJson(GoJson.quote(id)));
        if (!parent.isEmpty()) {
            values.put("parent", new RawJson(GoJson.quote(parent)));
        }
        if (throwaway) {
            values.put("throwaway", new RawJson("true"));
        }
        StringBuilder out = new StringBuilder(1024);
        char separator = '{';
        for (Map.Entry<String, RawJson> value : values.entrySet()) {
            GoJson.appendQuoted(out.append(separator), value.getKey());
            out.append(':').append(value.getValue().compact());
            separator = ',';
        }
        return out.append('}').toString();
    }

    private static void appendUnlessEmpty(StringBuilder out, String key, String value) {
        if (!value.isEmpty()) {
            GoJson.appendQuoted(out.append(",\"").append(key).append("\":"), value);
        }
    }

    private static String sha256Hex(byte[] content) {
        return HexFormat.of().formatHex(hasher("SHA-256").digest(content));
    }

    private static MessageDigest hasher(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has " + algorithm, e);
        }
    }
}
