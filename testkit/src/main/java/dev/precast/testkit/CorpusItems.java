package dev.precast.testkit;

import dev.precast.schemas.error.RefusalReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Collects the corpus, and the small pieces that its items are made of. */
final class CorpusItems {
    static final String TIME = "2023-01-01T00:00:00Z";

    private final List<TestImage> images = new ArrayList<>();

    List<TestImage> images() {
        return List.copyOf(images);
    }

    /** A schema 2 image that converts. */
    void schema2(String name, String what, String config, int layers) {
        item(name, what, image -> image.schema2(config, names(layers)));
    }

    /** An image that converts. */
    void item(String name, String what, Consumer<TestImageBuilder> content) {
        add(new TestImageBuilder("corpus/" + name, what), content);
    }

    /** An image that has no schema 1 form. */
    void refused(String name, String what, RefusalReason reason, Consumer<TestImageBuilder> content) {
        add(new TestImageBuilder("corpus/" + name, what).refused(reason), content);
    }

    private void add(TestImageBuilder builder, Consumer<TestImageBuilder> content) {
        content.accept(builder);
        images.add(builder.build());
    }

    /** A history entry with a layer. */
    static String entry(String createdBy) {
        return "{\"created\":\"" + TIME + "\",\"created_by\":\"" + createdBy + "\"}";
    }

    /** A history entry without a layer. */
    static String empty(String createdBy) {
        return "{\"created\":\"" + TIME + "\",\"created_by\":\"" + createdBy + "\",\"empty_layer\":true}";
    }

    static String[] names(int layers) {
        return IntStream.range(0, layers).mapToObj(i -> "layer-" + i).toArray(String[]::new);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
