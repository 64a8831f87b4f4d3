package dev.precast.e2e.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.schemas.image.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * The one image of an OCI layout that a client wrote.
 *
 * @param diffIdsOfConfig as the config names them, base first, empty layers left out
 * @param diffIdsOfLayers as the layers' own bytes have them, in the same order, empty layers left out
 */
public record PulledLayout(List<Digest> diffIdsOfConfig, List<Digest> diffIdsOfLayers) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** 1,024 zero bytes: what the empty layer unpacks to. */
    private static final Digest EMPTY_TAR = Digest.sha256(new byte[1024]);

    public static PulledLayout read(Path folder) {
        try {
            JsonNode index = JSON.readTree(Files.readAllBytes(folder.resolve("index.json")));
            JsonNode manifest = JSON.readTree(blob(folder, index.at("/manifests/0/digest")));
            JsonNode config = JSON.readTree(blob(folder, manifest.at("/config/digest")));
            List<Digest> ofConfig = new ArrayList<>();
            config.at("/rootfs/diff_ids").forEach(id -> ofConfig.add(Digest.parse(id.asText())));
            List<Digest> ofLayers = new ArrayList<>();
            for (JsonNode layer : manifest.path("layers")) {
                try (GZIPInputStream tar =
                        new GZIPInputStream(new ByteArrayInputStream(blob(folder, layer.path("digest"))))) {
                    ofLayers.add(Digest.sha256(tar.readAllBytes()));
                }
            }
            ofConfig.removeIf(EMPTY_TAR::equals);
            ofLayers.removeIf(EMPTY_TAR::equals);
            return new PulledLayout(ofConfig, ofLayers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] blob(Path folder, JsonNode digest) throws IOException {
        return Files.readAllBytes(folder.resolve("blobs/sha256")
                .resolve(Digest.parse(digest.asText()).hex()));
    }
}
