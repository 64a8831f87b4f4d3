package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Blob;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What has been read of one image so far, and whether there is room for more. For one thread. */
final class ImageParts {
    /** Bytes of manifests and configs kept of one tag; JSON escapes may double them in the record. */
    static final long MAX_BYTES = 7L << 20;
    /** Blobs whose presence is asked for, per tag. */
    private static final int MAX_QUESTIONS = 128;

    private final Map<Digest, Blob> children = new LinkedHashMap<>();
    private final Map<Digest, Blob> configs = new LinkedHashMap<>();
    private final List<Digest> heldLayers = new ArrayList<>();
    private final Set<Digest> asked = new HashSet<>();
    private long bytes;
    private final List<String> doubts = new ArrayList<>();
    private boolean lacking;

    void add(Blob root) {
        bytes += root.bytes().length;
    }

    void addChild(Blob child) {
        children.put(child.digest(), child);
        bytes += child.bytes().length;
    }

    void addConfig(Blob config) {
        configs.put(config.digest(), config);
        bytes += config.bytes().length;
    }

    void addHeldLayer(Digest digest) {
        heldLayers.add(digest);
    }

    /** Whether {@code more} bytes would be too many. */
    boolean isFull(long more) {
        return bytes + more > MAX_BYTES;
    }

    boolean hasChild(Digest digest) {
        return children.containsKey(digest);
    }

    boolean hasConfig(Digest digest) {
        return configs.containsKey(digest);
    }

    /** Whether to ask for this blob: once each, and not for ever. */
    boolean mayAsk(Digest digest) {
        return asked.size() < MAX_QUESTIONS && asked.add(digest);
    }

    /** Something was left out that is not simply absent: {@code what}, in words that are the same next time. */
    void doubt(String what) {
        doubts.add(what);
    }

    /** The registry does not have something that is needed. */
    void lack() {
        lacking = true;
    }

    boolean isLacking() {
        return lacking;
    }

    List<String> doubts() {
        return List.copyOf(doubts);
    }

    /** Puts the children in the order of the document. */
    void sortChildren(Collection<Descriptor> document) {
        Map<Digest, Blob> sorted = new LinkedHashMap<>();
        for (Descriptor entry : document) {
            Blob child = children.get(entry.digest());
            if (child != null) {
                sorted.put(entry.digest(), child);
            }
        }
        children.clear();
        children.putAll(sorted);
    }

    List<Blob> children() {
        return List.copyOf(children.values());
    }

    List<Blob> configs() {
        return List.copyOf(configs.values());
    }

    List<Digest> heldLayers() {
        return List.copyOf(heldLayers);
    }
}
