package dev.precast.testkit;

import java.util.List;

/**
 * Named images of every class that a registry meets: shapes of history, spellings of JSON, lists and indexes, things that are
 * no images, and defects. Each says whether it has a schema 1 form, and why not. Deterministic.
 */
public final class ImageCorpus {
    private ImageCorpus() {}

    /** All of them; the repository is {@code corpus/} and the item's name, the tag {@code latest}. */
    public static List<TestImage> images() {
        CorpusItems items = new CorpusItems();
        ConfigCorpus.addTo(items);
        ManifestCorpus.addTo(items);
        return items.images();
    }

    /** The one of this name. */
    public static TestImage image(String name) {
        return images().stream()
                .filter(image -> image.repository().equals("corpus/" + name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No corpus image " + name));
    }
}
