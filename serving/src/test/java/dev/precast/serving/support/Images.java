package dev.precast.serving.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.TagOffers.Offer;
import dev.precast.schemas.record.VariantManifest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small variants for tests. Their signatures have the right form and were made by nobody. */
public final class Images {
    public static final Digest ROOT = Digest.sha256("root".getBytes(UTF_8));

    private Images() {}

    /** A schema 1 manifest whose content depends on {@code what}, built from {@link #ROOT}. */
    public static VariantManifest schema1(String repository, String what) {
        return schema1(repository, what, "[]", "[]");
    }

    /** A schema 1 manifest with an empty layer above one that is not. */
    public static VariantManifest schema1(String repository, String tag, Digest layer) {
        String base = "a".repeat(64);
        String top = "b".repeat(64);
        return schema1(
                repository,
                tag,
                "[{\"blobSum\": \"" + Digest.EMPTY_LAYER + "\"}, {\"blobSum\": \"" + layer + "\"}]",
                "[{\"v1Compatibility\": \"{\\\"id\\\":\\\"" + top + "\\\",\\\"parent\\\":\\\"" + base
                        + "\\\",\\\"throwaway\\\":true}\"}, {\"v1Compatibility\": \"{\\\"id\\\":\\\"" + base
                        + "\\\"}\"}]");
    }

    private static VariantManifest schema1(String repository, String what, String layers, String history) {
        String payload = "{\n   \"schemaVersion\": 1,\n   \"name\": \"" + repository + "\",\n   \"tag\": \"" + what
                + "\",\n   \"architecture\": \"amd64\",\n   \"fsLayers\": " + layers + ",\n   \"history\": " + history
                + "\n}";
        int formatLength = payload.length() - 2;
        String header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(("{\"formatLength\":" + formatLength
                                + ",\"formatTail\":\"Cn0\",\"time\":\"2020-01-02T03:04:05Z\"}")
                        .getBytes(UTF_8));
        String content = payload.substring(0, formatLength)
                + ",\n   \"signatures\": [\n      {\"header\":{\"alg\":\"ES256\"},\"signature\":\"AA\",\"protected\":\""
                + header + "\"}\n   ]\n}";
        return new VariantManifest(
                repository, Digest.sha256(payload.getBytes(UTF_8)), MediaTypes.SCHEMA1_SIGNED, content, ROOT);
    }

    public static VariantManifest schema2(String repository, String what) {
        String content = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.SCHEMA2 + "\",\"what\":\"" + what + "\"}";
        return new VariantManifest(
                repository, Digest.sha256(content.getBytes(UTF_8)), MediaTypes.SCHEMA2, content, ROOT);
    }

    public static TagOffers offers(
            String repository, String tag, long version, String rootMediaType, VariantManifest... manifests) {
        Map<String, Offer> offers = new LinkedHashMap<>();
        for (VariantManifest manifest : manifests) {
            offers.put(manifest.mediaType(), Offer.of(manifest.digest()));
        }
        return new TagOffers(repository, tag, version, ROOT, rootMediaType, offers, "test");
    }
}
