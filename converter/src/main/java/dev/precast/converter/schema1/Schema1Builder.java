package dev.precast.converter.schema1;

import dev.precast.converter.schema1.ImageConfig.HistoryEntry;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.json.GoJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Makes the schema 1 payload of an image: the bytes that are signed, and whose digest clients pin. Byte for byte what
 * Distribution 2.8 makes ({@code manifest/schema1/config_builder.go} and {@code sign.go} at v2.8.3); what that crashes on or
 * converts to a wrong image is refused. Pure, thread-safe, linear in the size of the config.
 */
public final class Schema1Builder {
    /** Bytes of a payload as it lies in a record, quoted; room is left for the signatures. */
    private static final int MAX_QUOTED_PAYLOAD = Limits.MAX_RECORD_BYTES - (64 << 10);

    private Schema1Builder() {}

    /**
     * The payload of {@code image} under {@code repository:tag}. The media types of config and layers are not looked at.
     *
     * @param repository without host
     * @param config the config blob as stored
     * @return UTF-8 without a trailing line feed
     * @throws RefusedException with every reason that is about the config, and {@code TOO_LARGE}
     */
    public static byte[] payload(String repository, String tag, Manifest.Image image, byte[] config)
            throws RefusedException {
        ImageConfig parsed = ImageConfigParser.parse(config);
        requireLayersToAgree(parsed, image.layers().size());
        Deque<Layer> newestFirst = layers(parsed, image, config);
        StringBuilder out = new StringBuilder(4096);
        out.append("{\n   \"schemaVersion\": 1,\n   \"name\": ");
        GoJson.appendQuoted(out, repository);
        GoJson.appendQuoted(out.append(",\n   \"tag\": "), tag);
        GoJson.appendQuoted(out.append(",\n   \"architecture\": "), parsed.architecture());
        out.append(",\n   \"fsLayers\": [");
        String separator = "\n";
        for (Layer layer : newestFirst) {
            out.append(separator).append("      {\n         \"blobSum\": \"");
            out.append(layer.blobSum()).append("\"\n      }");
            separator = ",\n";
        }
        out.append("\n   ],\n   \"history\": [");
        separator = "\n";
        for (Layer layer : newestFirst) {
            GoJson.appendQuoted(
                    out.append(separator).append("      {\n         \"v1Compatibility\": "), layer.v1Compatibility());
            out.append("\n      }");
            separator = ",\n";
            requireWithinLimit(out.length());
        }
        byte[] payload = out.append("\n   ]\n}").toString().getBytes(StandardCharsets.UTF_8);
        // Quoting at most doubles it.
        if (payload.length > MAX_QUOTED_PAYLOAD / 2) {
            requireWithinLimit(quotedLength(payload));
        }
        return payload;
    }

    private record Layer(Digest blobSum, String v1Compatibility) {}

    private static void requireLayersToAgree(ImageConfig config, int layers) throws RefusedException {
        if (config.diffIds() != layers) {
            throw new RefusedException(
                    RefusalReason.DIFF_ID_MISMATCH,
                    "The image config has " + config.diffIds() + " diff IDs, the manifest has " + layers + " layers.");
        }
        if (config.layersInHistory() != layers) {
            throw new RefusedException(
                    RefusalReason.HISTORY_LAYER_MISMATCH,
                    "The image config has " + config.layersInHistory()
                            + " history entries with a layer, the manifest has " + layers + " layers.");
        }
    }

    private static Deque<Layer> layers(ImageConfig config, Manifest.Image image, byte[] configBytes)
            throws RefusedException {
        Deque<Layer> newestFirst = new ArrayDeque<>();
        String parent = "";
        int nextLayer = 0;
        int newest = config.history().size() - 1;
        long length = 0;
        for (int i = 0; i < newest; i++) {
            HistoryEntry history = config.history().get(i);
            Digest blobSum = history.emptyLayer()
                    ? Digest.EMPTY_LAYER
                    : image.layers().get(nextLayer++).digest();
            String id = V1Compatibility.id(blobSum, parent);
            // The id of the oldest layer does not cover the base that it then names.
            if (i == 0 && !config.baseLayer().isEmpty()) {
                parent = V1Compatibility.baseLayerId(config.baseLayer());
            }
            String entry = V1Compatibility.entry(id, parent, history);
            newestFirst.addFirst(new Layer(blobSum, entry));
            length += entry.length();
            requireWithinLimit(length);
            parent = id;
        }
        boolean throwaway = config.history().get(newest).emptyLayer();
        Digest blobSum =
                throwaway ? Digest.EMPTY_LAYER : image.layers().get(nextLayer).digest();
        String id = V1Compatibility.topId(blobSum, parent, configBytes);
        newestFirst.addFirst(new Layer(blobSum, V1Compatibility.top(config, id, parent, throwaway)));
        return newestFirst;
    }

    private static long quotedLength(byte[] payload) {
        long length = payload.length;
        for (byte b : payload) {
            if (b == '"' || b == '\\' || b == '\n') {
                length++;
            }
        }
        return length;
    }

    private static void requireWithinLimit(long length) throws RefusedException {
        if (length > MAX_QUOTED_PAYLOAD) {
            throw new RefusedException(
                    RefusalReason.TOO_LARGE,
                    "The schema 1 manifest would take more than " + MAX_QUOTED_PAYLOAD + " bytes in a record.");
        }
    }
}
