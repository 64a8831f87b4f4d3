package dev.precast.converter.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.fuzz.GoReading.Literal;
import dev.precast.converter.fuzz.GoReading.Members;
import dev.precast.converter.fuzz.GoReading.UnreadableException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks that what was made of accepted bytes means what a Go program reads in them. */
final class Judge {
    private static final String EMPTY = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

    private Judge() {}

    /** That {@code schema2} names the same config and layers as {@code oci}. */
    static void requireSameBlobs(String oci, String schema2) throws UnreadableException {
        Members stored = readObject(oci);
        Members made = readObject(schema2);
        assertThat(made.members("config").text("digest"))
                .isEqualTo(stored.members("config").text("digest"));
        assertThat(digests(made)).isEqualTo(digests(stored));
    }

    /** That {@code payload} is the schema 1 form of the image. */
    static void requireSameImage(String manifest, String config, String payload) throws UnreadableException {
        Members made = readObject(payload);
        Members stored = readObject(config);
        List<String> layers = digests(readObject(manifest));
        List<?> history = stored.list("history");
        List<?> entries = made.list("history");
        assertThat(made.text("architecture")).isEqualTo(stored.text("architecture"));
        assertThat(entries).hasSameSizeAs(history).hasSameSizeAs(made.list("fsLayers"));
        assertThat(stored.members("rootfs").list("diff_ids")).hasSameSizeAs(layers);
        List<String> blobSums = new ArrayList<>();
        int layer = 0;
        for (int i = 0; i < history.size(); i++) {
            Members step = history.get(i) instanceof Members object ? object : new Members();
            blobSums.add(0, step.isTrue("empty_layer") ? EMPTY : layers.get(layer++));
            int newestFirst = history.size() - 1 - i;
            Members entry = readObject(((Members) entries.get(newestFirst)).text("v1Compatibility"));
            if (newestFirst > 0) {
                requireSameStep(step, entry);
            } else {
                requireSameTop(stored, step, entry, history.size());
            }
        }
        assertThat(layer).isEqualTo(layers.size());
        assertThat(made.list("fsLayers").stream()
                        .map(fsLayer -> ((Members) fsLayer).text("blobSum"))
                        .toList())
                .isEqualTo(blobSums);
    }

    private static void requireSameStep(Members step, Members entry) {
        assertThat(entry.members("container_config").list("Cmd")).isEqualTo(List.of(step.text("created_by")));
        assertThat(entry.text("author")).isEqualTo(step.text("author"));
        assertThat(entry.text("comment")).isEqualTo(step.text("comment"));
        assertThat(entry.isTrue("throwaway")).isEqualTo(step.isTrue("empty_layer"));
        String created = step.field("created") instanceof String text ? text : "0001-01-01T00:00:00Z";
        try {
            OffsetDateTime expected = OffsetDateTime.parse(created);
            assertThat(OffsetDateTime.parse(entry.text("created"))).isEqualTo(expected);
        } catch (DateTimeParseException e) {
            // Go accepts more spellings than Java; these are compared with Distribution itself.
            assertThat(created).matches(".*([.,]\\d{10,}|,\\d|T\\d:|[+-]\\d\\d:60|[+-](1[89]|2\\d):).*");
        }
    }

    private static void requireSameTop(Members config, Members step, Members entry, int entries) {
        Map<String, @Nullable Object> expected = new LinkedHashMap<>(config.map());
        expected.remove("rootfs");
        expected.remove("history");
        expected.put("id", entry.field("id"));
        if (entries > 1) {
            expected.put("parent", entry.field("parent"));
        }
        if (step.isTrue("empty_layer")) {
            expected.put("throwaway", new Literal("true"));
        }
        assertThat(entry.text("id")).matches("[0-9a-f]{64}");
        assertThat(entry.map()).isEqualTo(expected);
    }

    private static List<String> digests(Members manifest) {
        return manifest.list("layers").stream()
                .map(layer -> ((Members) layer).text("digest"))
                .toList();
    }

    private static Members readObject(String json) throws UnreadableException {
        if (GoReading.read(json) instanceof Members object) {
            return object;
        }
        throw new AssertionError("Accepted, but to Go it is no object");
    }
}
