package dev.precast.converter.docker2;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RawJson;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Makes the manifest list form of an OCI index. Platforms are kept as written, {@code os.features} included; annotations are
 * dropped, as manifest lists have none. Pure and thread-safe.
 */
public final class ManifestListBuilder {
    private ManifestListBuilder() {}

    /**
     * One child.
     *
     * @param position of its entry in the index, from 0; gives the platform
     * @param size bytes
     */
    public record Entry(int position, String mediaType, Digest digest, int size) {}

    /**
     * The list of {@code entries}, in their order.
     *
     * @param index the stored index, which was parsed before
     * @throws RefusedException {@code MALFORMED_MANIFEST} if {@code index} is not what it was parsed as
     */
    public static byte[] list(byte[] index, List<Entry> entries) throws RefusedException {
        List<RawJson> descriptors = member(
                        RawJson.parse(index, "index", RefusalReason.MALFORMED_MANIFEST, Limits.MAX_JSON_DEPTH),
                        "manifests")
                .elements();
        StringBuilder out = new StringBuilder(1024);
        out.append("{\"schemaVersion\":2,\"mediaType\":\"").append(MediaTypes.MANIFEST_LIST);
        out.append("\",\"manifests\":[");
        String separator = "";
        for (Entry entry : entries) {
            out.append(separator).append("{\"mediaType\":\"").append(entry.mediaType());
            out.append("\",\"size\":").append(entry.size());
            out.append(",\"digest\":\"").append(entry.digest());
            out.append("\",\"platform\":")
                    .append(member(descriptors.get(entry.position()), "platform")
                            .compact())
                    .append('}');
            separator = ",";
        }
        return out.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static RawJson member(RawJson object, String key) throws RefusedException {
        return object.members().stream()
                .filter(member -> member.key().equals(key))
                .findFirst()
                .map(RawJson.Member::value)
                .orElseThrow(() ->
                        new RefusedException(RefusalReason.MALFORMED_MANIFEST, "The index lacks \"" + key + "\"."));
    }
}
