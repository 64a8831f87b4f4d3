package dev.precast.launcher.layout;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.image.Digest;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What belongs to one repository of a layout: what its tags point to, and everything below. A layout keeps the blobs of all
 * repositories in one place; this is what keeps them apart. Immutable.
 *
 * @param manifests manifests and indexes, and their media types
 * @param blobs configs and layers
 * @param whole whether every manifest on the way could be read
 */
record Closure(Map<Digest, String> manifests, Set<Digest> blobs, boolean whole) {
    /** Indexes within indexes: deeper ones are nobody's. */
    private static final int MAX_DEPTH = 8;

    Closure {
        manifests = Map.copyOf(manifests);
        blobs = Set.copyOf(blobs);
    }

    boolean has(Digest digest) {
        return manifests.containsKey(digest) || blobs.contains(digest);
    }

    /** This and what another one has. */
    Closure and(Closure other) {
        Map<Digest, String> allManifests = new HashMap<>(other.manifests);
        allManifests.putAll(manifests);
        Set<Digest> allBlobs = new HashSet<>(other.blobs);
        allBlobs.addAll(blobs);
        return new Closure(allManifests, allBlobs, whole);
    }

    static Closure of(Collection<LayoutIndex.Entry> roots, OciLayout layout) throws IOException {
        Walk walk = new Walk(layout);
        for (LayoutIndex.Entry root : roots) {
            walk.manifests.put(root.digest(), root.mediaType());
            walk.below(root.digest(), 0);
        }
        return new Closure(walk.manifests, walk.blobs, walk.whole);
    }

    private static final class Walk {
        private final OciLayout layout;
        private final Map<Digest, String> manifests = new HashMap<>();
        private final Set<Digest> blobs = new HashSet<>();
        private final Set<Digest> walked = new HashSet<>();
        private boolean whole = true;

        Walk(OciLayout layout) {
            this.layout = layout;
        }

        void below(Digest digest, int depth) throws IOException {
            if (depth > MAX_DEPTH || !walked.add(digest)) {
                return;
            }
            Optional<JsonNode> manifest = layout.manifest(digest);
            if (manifest.isEmpty()) {
                whole = false;
                return;
            }
            digest(manifest.get().path("config").path("digest")).ifPresent(blobs::add);
            for (JsonNode layer : manifest.get().path("layers")) {
                digest(layer.path("digest")).ifPresent(blobs::add);
            }
            for (JsonNode layer : manifest.get().path("fsLayers")) {
                digest(layer.path("blobSum")).ifPresent(blobs::add);
            }
            for (JsonNode node : manifest.get().path("manifests")) {
                Optional<Digest> child = digest(node.path("digest"));
                if (child.isPresent()) {
                    layout.mediaType(child.get()).ifPresent(type -> manifests.putIfAbsent(child.get(), type));
                    below(child.get(), depth + 1);
                }
            }
        }

        private static Optional<Digest> digest(JsonNode node) {
            return Digest.tryParse(node.asText());
        }
    }
}
