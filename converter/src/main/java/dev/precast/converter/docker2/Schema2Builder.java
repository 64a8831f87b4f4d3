package dev.precast.converter.docker2;

import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.GoJson;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Makes the schema 2 form of an OCI manifest. Config and layers stay the blobs they are, only their types are renamed;
 * annotations are dropped, as schema 2 has none. The bytes are compact JSON in the order of the schema 2 specification, so the
 * same image gives the same digest. Pure and thread-safe.
 */
public final class Schema2Builder {
    private Schema2Builder() {}

    /**
     * The schema 2 bytes of {@code image}.
     *
     * @param heldLayers foreign layers whose bytes the registry holds; they pass
     * @throws RefusedException as {@link ImageTypes#requireConvertible}
     */
    public static byte[] manifest(Manifest.Image image, Set<Digest> heldLayers) throws RefusedException {
        ImageTypes.requireConvertible(image, heldLayers);
        StringBuilder out = new StringBuilder(1024);
        out.append("{\"schemaVersion\":2,\"mediaType\":\"")
                .append(MediaTypes.SCHEMA2)
                .append("\",\"config\":");
        appendDescriptor(out, MediaTypes.SCHEMA2_CONFIG, image.config());
        out.append(",\"layers\":[");
        String separator = "";
        for (Descriptor layer : image.layers()) {
            appendDescriptor(out.append(separator), ImageTypes.dockerLayerType(layer, heldLayers), layer);
            separator = ",";
        }
        return out.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void appendDescriptor(StringBuilder out, String mediaType, Descriptor descriptor) {
        out.append("{\"mediaType\":\"").append(mediaType).append("\",\"size\":").append(descriptor.size());
        out.append(",\"digest\":\"").append(descriptor.digest()).append('"');
        String separator = ",\"urls\":[";
        for (String url : descriptor.urls()) {
            GoJson.appendQuoted(out.append(separator), url);
            separator = ",";
        }
        out.append(descriptor.urls().isEmpty() ? "}" : "]}");
    }
}
