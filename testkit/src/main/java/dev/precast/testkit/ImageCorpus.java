package dev.precast.testkit;

import static dev.precast.testkit.TestImageBuilder.config;
import static dev.precast.testkit.TestImageBuilder.history;
import static dev.precast.testkit.TestImageBuilder.rootfs;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.TestImage.Content;
import dev.precast.testkit.TestImageBuilder.Child;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Named images of every class that a registry meets: shapes of history, spellings of JSON, lists and indexes, things that are
 * no images, and defects. Each says whether it has a schema 1 form, and why not. Deterministic.
 */
public final class ImageCorpus {
    private static final String T = "2023-01-01T00:00:00Z";

    private final List<TestImage> images = new ArrayList<>();

    private ImageCorpus() {}

    /** All of them; the repository is {@code corpus/} and the item's name. */
    public static List<TestImage> images() {
        ImageCorpus corpus = new ImageCorpus();
        corpus.histories();
        corpus.texts();
        corpus.times();
        corpus.jsonSpellings();
        corpus.opaqueParts();
        corpus.lists();
        corpus.indexes();
        corpus.otherTypes();
        corpus.mismatches();
        corpus.brokenConfigs();
        corpus.sizes();
        return List.copyOf(corpus.images);
    }

    private void histories() {
        for (int layers : new int[] {1, 5, 40, 120}) {
            schema2("layers-" + layers, layers + " layers, as many history entries", config(layers), layers);
        }
        schema2(
                "empty-layers",
                "empty layers between others and on top",
                config(
                        "amd64",
                        "[" + entry("ADD / ") + "," + empty("CMD bash") + "," + entry("RUN x") + "," + empty("ENV A=B")
                                + "," + empty("ENV A=B") + "," + entry("COPY y") + "," + empty("ENTRYPOINT z") + "]",
                        3),
                3);
        schema2(
                "empty-first",
                "the oldest entry is empty",
                config("amd64", "[" + empty("ENV X=1") + "," + entry("a") + "," + entry("b") + "]", 2),
                2);
        schema2(
                "zero-layers",
                "no layers, all history empty",
                config("amd64", "[" + empty("LABEL a=b") + "," + empty("CMD x") + "]", 0),
                0);
        schema2("history-null", "a null history entry", config("amd64", "[null," + entry("x") + "]", 2), 2);
        schema2("rootfs-empty", "rootfs {} and no layers", "{\"history\":[" + empty("x") + "],\"rootfs\":{}}", 0);
        schema2(
                "no-arch",
                "no architecture, os or created",
                "{\"history\":" + history(2) + ",\"rootfs\":" + rootfs(2) + "}",
                2);
        schema2("arm64-single", "architecture arm64, not in a list", config("arm64", history(2), 2), 2);
        schema2(
                "base-layer",
                "rootfs.base_layer of an old Windows image",
                config(2).replace("\"type\":", "\"base_layer\":\"sha256:windowsservercore\",\"type\":"),
                2);
        schema2(
                "base-layer-single",
                "rootfs.base_layer with one entry: not used",
                config(1).replace("\"type\":", "\"base_layer\":\"sha256:windowsservercore\",\"type\":"),
                1);
        item(
                "duplicate-layers",
                "four layers, three of them the same blob",
                image -> image.schema2(config(4), "same", "same", "other", "same"));
        item(
                "layer-is-empty-tar",
                "the empty layer as a real layer, and a throwaway one on top",
                image -> image.schema2(
                        config("amd64", "[" + entry("a") + "," + entry("b") + "," + empty("CMD") + "]", 2),
                        "a",
                        "empty"));
    }

    private void texts() {
        String labels = "{\"html\":\"<a href=\\\"x\\\">&amp;</a>\",\"unicode\":\"žluťoučký — 日本語 — \uD83D\uDC33\","
                + "\"ls\":\"a\u2028b\u2029c\",\"ctl\":\"\\t\\n\\r\\b\\f\\u001b\\u0000\u007F\",\"key<>&\":\"\\\\ \\/\",\"bom\":\"\uFEFF\"}";
        String history =
                "[{\"created\":\"" + T + "\",\"created_by\":\"LABEL <b>&</b> ünï \uD83D\uDC33 \u2028 \\u0007\","
                        + "\"author\":\"Ann <ann@example.org> & Bob\",\"comment\":\"a \\\"c\\\" \\\\ / \\t \\b\\f \\u001f \u007F\"},"
                        + "{\"created\":\"" + T + "\",\"created_by\":\"echo '<>&'\",\"comment\":\"\"}]";
        String config = "{\"architecture\":\"amd64\",\"author\":\"Žofie\",\"config\":{\"Labels\":" + labels
                + "},\"history\":" + history + ",\"rootfs\":" + rootfs(2) + "}";
        schema2("labels", "HTML characters, control characters, U+2028, other scripts, raw", config, 2);
        schema2("labels-ascii", "the same config with everything outside ASCII escaped", ascii(config), 2);
    }

    private void times() {
        String[] good = {
            "2020-01-01T00:00:00+02:00", "2020-01-01T00:00:00.120000000Z", "2020-01-01T00:00:00.000000000Z",
            "2020-01-01T00:00:00.1234567891234Z", "2020-01-01T00:00:00-00:00", "2020-01-01T00:00:00,5Z",
            "2020-01-01T1:00:00Z", "0000-02-29T00:00:00-23:59", "2020-01-01T00:00:00+01:60"
        };
        StringBuilder history = new StringBuilder("[{\"created_by\":\"missing\"},{\"created\":null}");
        for (String time : good) {
            history.append(",{\"created\":\"").append(time).append("\",\"created_by\":\"x\"}");
        }
        int count = good.length + 3;
        schema2(
                "created-odd",
                "missing, null and odd but accepted times",
                config("amd64", history + "," + entry("top") + "]", count),
                count);
        String[][] bad = {
            {"empty", "\"\""},
            {"space", "\"2020-01-01 00:00:00Z\""},
            {"number", "1577836800"},
            {"lower", "\"2020-01-01t00:00:00z\""},
            {"leap-second", "\"2016-12-31T23:59:60Z\""},
            {"year-10000", "\"10000-01-01T00:00:00Z\""},
            {"hour-24", "\"2020-01-01T24:00:00Z\""},
            {"feb-30", "\"2020-02-30T00:00:00Z\""},
            {"escaped", "\"202\\u0030-01-01T00:00:00Z\""},
            {"no-offset", "\"2020-01-01T00:00:00\""}
        };
        for (String[] time : bad) {
            refused(
                    "bad-created-" + time[0],
                    "history[0].created is " + time[1],
                    RefusalReason.MALFORMED_CONFIG,
                    image -> image.schema2(
                            config("amd64", "[{\"created\":" + time[1] + "}," + entry("top") + "]", 2), "a", "b"));
        }
        refused(
                "bad-created-offset-24",
                "an offset of 24 hours, which Go 1.19 accepts and 1.20 does not",
                RefusalReason.MALFORMED_CONFIG,
                image -> image.schema2(
                        config("amd64", "[{\"created\":\"2020-01-01T00:00:00+24:00\"}," + entry("top") + "]", 2),
                        "a",
                        "b"));
    }

    private void jsonSpellings() {
        schema2(
                "spelling-order",
                "order, space, numbers and unknown members",
                "{\n  \"zeta\": 1.0,\n  \"os\":\"linux\" ,\n  \"Alpha\": 1E3, \"alpha\": 12345678901234567890123, \"neg\": -0,"
                        + " \"a<b\": \"<&>\", \"nested\": { \"b\" : 1 , \"a\" : [ 1 , 2 , { } , [ ] ] , \"esc\": \"\\u00e9\\/\\u003c<\" },"
                        + "\n  \"architecture\":\"amd64\",\n \"history\":[{\"created\":\"" + T
                        + "\",\"created_by\":\"x \\u00e9 \\/ \\u003c\"}],\n \"rootfs\":" + rootfs(1)
                        + ",\n\"id\":\"old-id\",\"parent\":\"old-parent\",\"throwaway\":false}\n",
                1);
        schema2(
                "spelling-key-order",
                "keys beyond the BMP, escaped keys, empty key",
                config(1)
                        .replaceFirst(
                                "\\{", "{\"\uD83D\uDE00\":1,\"\uFFFD\":2,\"\":3,\"\\u0000\":4,\"\\ud800\":5,\"é\":6,"),
                1);
        schema2(
                "spelling-escaped-names",
                "known names spelled with escapes",
                config(2).replace("\"history\"", "\"h\\u0069story\"").replace("\"created_by\"", "\"created\\u005fby\""),
                2);
        schema2(
                "lone-surrogates",
                "escapes of lone surrogates in history and labels",
                config(
                                "amd64",
                                "[{\"created_by\":\"lone \\ud800 pair \\ud83d\\udc33 low \\udc33\"}," + entry("top")
                                        + "]",
                                2)
                        .replace("\"OnBuild\"", "\"lone\\udfff\":\"\\ud800x\",\"OnBuild\""),
                2);
        refused(
                "ambiguous-history-twice",
                "two histories",
                RefusalReason.AMBIGUOUS_JSON,
                image -> image.schema2(
                        config(1).replaceFirst("\\{", "{\"history\":[{\"created_by\":\"first\"}],"), "a"));
        refused(
                "ambiguous-created-by-twice",
                "created_by twice in an entry",
                RefusalReason.AMBIGUOUS_JSON,
                image -> image.schema2(config("amd64", "[{\"created_by\":\"a\",\"created_by\":\"b\"}]", 1), "a"));
        refused(
                "ambiguous-case",
                "History, ROOTFS and Architecture",
                RefusalReason.AMBIGUOUS_JSON,
                image -> image.schema2(
                        config(2).replace("\"history\"", "\"History\"").replace("\"rootfs\"", "\"ROOTFS\""), "a", "b"));
        refused(
                "ambiguous-long-s",
                "rootfs with U+017F",
                RefusalReason.AMBIGUOUS_JSON,
                image -> image.schema2(config(1).replaceFirst("\\{", "{\"rootf\u017F\":{\"diff_ids\":[]},"), "a"));
    }

    private void opaqueParts() {
        schema2(
                "opaque-duplicates",
                "duplicate opaque keys, on top and nested",
                config(1).replaceFirst("\\{", "{\"x\":1,\"x\":{\"y\":1,\"y\":2},\"z\":1,\"z\":null,"),
                1);
        schema2(
                "opaque-deep",
                "9000 levels of arrays in an opaque value",
                config(1).replaceFirst("\\{", "{\"deep\":" + "[".repeat(9000) + "]".repeat(9000) + ","),
                1);
        refused(
                "opaque-too-deep",
                "10000 levels of arrays in an opaque value",
                RefusalReason.TOO_LARGE,
                image -> image.schema2(
                        config(1).replaceFirst("\\{", "{\"deep\":" + "[".repeat(10_000) + "]".repeat(10_000) + ","),
                        "a"));
    }

    private void lists() {
        item(
                "list",
                "manifest list of arm64 and amd64",
                image -> image.list(
                        MediaTypes.MANIFEST_LIST, child(image, "arm64", false), child(image, "amd64", false)));
        refused(
                "list-no-amd64",
                "manifest list of arm64 and s390x",
                RefusalReason.NO_SUITABLE_PLATFORM,
                image -> image.list(
                        MediaTypes.MANIFEST_LIST, child(image, "arm64", false), child(image, "s390x", false)));
        item("list-two-amd64", "windows/amd64, linux/amd64/v3, linux/amd64", image -> {
            Content windows = image.schema2(config(1), "windows");
            Content v3 = image.schema2(config(3), "v3-a", "v3-b", "v3-c");
            Content plain = image.schema2(config(2), "plain-a", "plain-b");
            image.list(
                    MediaTypes.MANIFEST_LIST,
                    image.child(windows, "windows", "amd64"),
                    new Child(v3, "{\"architecture\":\"amd64\",\"os\":\"linux\",\"variant\":\"v3\"}", ""),
                    image.child(plain, "linux", "amd64"));
        });
        item(
                "list-unknown-first",
                "an unknown/unknown entry before amd64",
                image -> image.list(
                        MediaTypes.MANIFEST_LIST,
                        image.child(image.schema2(config(1), "unknown"), "unknown", "unknown"),
                        child(image, "amd64", false)));
        item(
                "list-oci-child",
                "manifest list whose amd64 child is an OCI manifest",
                image -> image.list(
                        MediaTypes.MANIFEST_LIST, child(image, "amd64", true), child(image, "arm64", false)));
        refused(
                "list-nested",
                "manifest list whose amd64 entry is a manifest list",
                RefusalReason.NO_SUITABLE_PLATFORM,
                image -> image.list(
                        MediaTypes.MANIFEST_LIST,
                        image.child(
                                image.list(MediaTypes.MANIFEST_LIST, child(image, "amd64", false)), "linux", "amd64")));
    }

    private void indexes() {
        item(
                "index",
                "OCI index of amd64 and arm64",
                image -> image.list(MediaTypes.OCI_INDEX, child(image, "amd64", true), child(image, "arm64", true)));
        item("index-attestations", "OCI index with attestations", image -> {
            Child amd64 = child(image, "amd64", true);
            Content attestation = image.image(
                    MediaTypes.OCI_MANIFEST,
                    MediaTypes.OCI_CONFIG,
                    utf8("{\"architecture\":\"unknown\"}"),
                    "application/vnd.in-toto+json",
                    "statement");
            image.list(
                    MediaTypes.OCI_INDEX,
                    amd64,
                    child(image, "arm64", true),
                    new Child(
                            attestation,
                            "{\"architecture\":\"unknown\",\"os\":\"unknown\"}",
                            ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}"));
        });
        item(
                "index-schema2-children",
                "OCI index whose children are schema 2",
                image -> image.list(MediaTypes.OCI_INDEX, child(image, "amd64", false)));
        refused(
                "index-zstd",
                "OCI index whose amd64 child has zstd layers, arm64 gzip",
                RefusalReason.ZSTD_LAYER,
                image -> image.list(
                        MediaTypes.OCI_INDEX,
                        image.child(
                                image.image(
                                        MediaTypes.OCI_MANIFEST,
                                        MediaTypes.OCI_CONFIG,
                                        utf8(config(1)),
                                        MediaTypes.OCI_LAYER_ZSTD,
                                        "z"),
                                "linux",
                                "amd64"),
                        child(image, "arm64", true)));
    }

    private void otherTypes() {
        item("oci", "OCI manifest", image -> image.oci(config(5), names(5)));
        item(
                "oci-plain-layers",
                "OCI manifest with uncompressed layers",
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        utf8(config(2)),
                        MediaTypes.OCI_LAYER,
                        names(2)));
        refused(
                "oci-zstd",
                "OCI manifest with a zstd layer",
                RefusalReason.ZSTD_LAYER,
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        utf8(config(1)),
                        MediaTypes.OCI_LAYER_ZSTD,
                        "a"));
        refused(
                "oci-encrypted",
                "OCI manifest with an encrypted layer",
                RefusalReason.ENCRYPTED_LAYER,
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        utf8(config(1)),
                        MediaTypes.OCI_LAYER_GZIP + "+encrypted",
                        "a"));
        refused(
                "oci-artifact",
                "OCI manifest of an artifact",
                RefusalReason.NOT_AN_IMAGE,
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        "application/vnd.example.config+json",
                        utf8("{}"),
                        "application/vnd.example.data",
                        "a"));
        refused(
                "oci-signature",
                "OCI manifest of a signature, with an image config",
                RefusalReason.NOT_AN_IMAGE,
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        utf8(config(1)),
                        "application/vnd.dev.cosign.simplesigning.v1+json",
                        "a"));
        refused(
                "plugin",
                "a Docker plugin",
                RefusalReason.NOT_AN_IMAGE,
                image -> image.image(
                        MediaTypes.SCHEMA2,
                        "application/vnd.docker.plugin.v1+json",
                        utf8("{\"Description\":\"a plugin\",\"rootfs\":" + rootfs(1) + "}"),
                        MediaTypes.SCHEMA2_LAYER,
                        "a"));
        item(
                "config-octet-stream",
                "schema 2 of a very old engine",
                image -> image.image(
                        MediaTypes.SCHEMA2,
                        "application/octet-stream",
                        utf8(config(2)),
                        MediaTypes.SCHEMA2_LAYER,
                        names(2)));
        refused(
                "unsupported-layer",
                "schema 2 with a layer of an unknown type",
                RefusalReason.UNSUPPORTED_LAYER_TYPE,
                image -> image.image(
                        MediaTypes.SCHEMA2,
                        MediaTypes.SCHEMA2_CONFIG,
                        utf8(config(1)),
                        "application/vnd.example.layer",
                        "a"));
        refused(
                "foreign-layer",
                "Windows image with a foreign base layer",
                RefusalReason.FOREIGN_LAYER,
                image -> image.foreign(config(2).replace("linux", "windows"), "base", "app"));
    }

    private void mismatches() {
        refused(
                "no-history",
                "config without history",
                RefusalReason.EMPTY_HISTORY,
                image -> image.schema2("{\"architecture\":\"amd64\",\"rootfs\":" + rootfs(2) + "}", "a", "b"));
        refused(
                "history-short",
                "3 layers, 2 entries with a layer",
                RefusalReason.HISTORY_LAYER_MISMATCH,
                image -> image.schema2(config("amd64", history(2), 3), "a", "b", "c"));
        refused(
                "history-long",
                "2 layers, 3 entries with a layer",
                RefusalReason.HISTORY_LAYER_MISMATCH,
                image -> image.schema2(config("amd64", history(3), 2), "a", "b"));
        refused(
                "diff-ids-short",
                "3 layers, 2 diff IDs",
                RefusalReason.DIFF_ID_MISMATCH,
                image -> image.schema2(config("amd64", history(2), 2), "a", "b", "c"));
        refused(
                "no-rootfs",
                "config without rootfs",
                RefusalReason.NO_ROOTFS,
                image -> image.schema2("{\"history\":" + history(1) + "}", "a"));
    }

    private void brokenConfigs() {
        String[][] broken = {
            {"array", "[]"},
            {"null", "null"},
            {"not-json", "not json at all"},
            {"trailing", config(1) + " garbage"},
            {"bom", "\uFEFF" + config(1)},
            {"architecture-number", config(1).replace("\"amd64\"", "64")},
            {"empty-layer-string", config("amd64", "[{\"empty_layer\":\"true\"}]", 1)},
            {"throwaway-string", config(1).replaceFirst("\\{", "{\"throwaway\":\"yes\",")},
            {"parent-number", config(1).replaceFirst("\\{", "{\"parent\":1,")}
        };
        for (String[] config : broken) {
            refused(
                    "config-" + config[0],
                    "config is broken: " + config[0],
                    RefusalReason.MALFORMED_CONFIG,
                    image -> image.schema2(config[1], "a"));
        }
        refused("config-empty-object", "config is {}", RefusalReason.EMPTY_HISTORY, image -> image.schema2("{}", "a"));
        refused(
                "config-not-utf8",
                "bytes that are not UTF-8 in history and labels",
                RefusalReason.NOT_UTF8,
                image -> image.image(
                        MediaTypes.SCHEMA2,
                        MediaTypes.SCHEMA2_CONFIG,
                        config(1).replace("/bin/sh", "\u00FF\u00FE").getBytes(StandardCharsets.ISO_8859_1),
                        MediaTypes.SCHEMA2_LAYER,
                        "a"));
    }

    private void sizes() {
        schema2(
                "config-100kb",
                "1150 labels",
                config(5)
                        .replaceFirst(
                                "\\{",
                                "{\"labels\":{"
                                        + "\"label\":\"%s<&>\","
                                                .formatted("v".repeat(60))
                                                .repeat(1149) + "\"l\":\"\"},"),
                5);
        schema2(
                "config-3mb",
                "a config of 3 MB",
                config(1).replaceFirst("\\{", "{\"pad\":\"" + "x".repeat(3 << 20) + "\","),
                1);
        refused(
                "config-5mb",
                "a config of 5 MB",
                RefusalReason.TOO_LARGE,
                image ->
                        image.schema2(config(1).replaceFirst("\\{", "{\"pad\":\"" + "x".repeat(5 << 20) + "\","), "a"));
    }

    private static Child child(TestImageBuilder image, String architecture, boolean oci) {
        String config = config(architecture, history(2), 2);
        String[] layers = {architecture + "-a", architecture + "-b"};
        return image.child(oci ? image.oci(config, layers) : image.schema2(config, layers), "linux", architecture);
    }

    private void schema2(String name, String what, String config, int layers) {
        item(name, what, image -> image.schema2(config, names(layers)));
    }

    private void item(String name, String what, Consumer<TestImageBuilder> content) {
        TestImageBuilder builder = new TestImageBuilder("corpus/" + name, what);
        content.accept(builder);
        images.add(builder.build());
    }

    private void refused(String name, String what, RefusalReason reason, Consumer<TestImageBuilder> content) {
        TestImageBuilder builder = new TestImageBuilder("corpus/" + name, what).refused(reason);
        content.accept(builder);
        images.add(builder.build());
    }

    private static String entry(String createdBy) {
        return "{\"created\":\"" + T + "\",\"created_by\":\"" + createdBy + "\"}";
    }

    private static String empty(String createdBy) {
        return "{\"created\":\"" + T + "\",\"created_by\":\"" + createdBy + "\",\"empty_layer\":true}";
    }

    private static String[] names(int layers) {
        String[] names = new String[layers];
        for (int i = 0; i < layers; i++) {
            names[i] = "layer-" + i;
        }
        return names;
    }

    private static String ascii(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> out.append(c < 0x7F ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return out.toString();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
