package dev.precast.testkit;

import static dev.precast.testkit.CorpusItems.empty;
import static dev.precast.testkit.CorpusItems.entry;
import static dev.precast.testkit.TestImageBuilder.config;
import static dev.precast.testkit.TestImageBuilder.history;
import static dev.precast.testkit.TestImageBuilder.rootfs;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.MediaTypes;
import java.nio.charset.StandardCharsets;

/** Single schema 2 images: shapes of history, spellings of JSON, and everything a config can have wrong. */
final class ConfigCorpus {
    private final CorpusItems items;

    private ConfigCorpus(CorpusItems items) {
        this.items = items;
    }

    static void addTo(CorpusItems items) {
        ConfigCorpus corpus = new ConfigCorpus(items);
        corpus.histories();
        corpus.texts();
        corpus.times();
        corpus.jsonSpellings();
        corpus.opaqueParts();
        corpus.mismatches();
        corpus.brokenConfigs();
        corpus.sizes();
    }

    private void histories() {
        for (int layers : new int[] {1, 5, 40, 120}) {
            items.schema2("layers-" + layers, "as many history entries as layers: " + layers, config(layers), layers);
        }
        items.schema2(
                "empty-layers",
                "empty layers between others and on top",
                config(
                        "amd64",
                        "[" + entry("ADD / ") + "," + empty("CMD bash") + "," + entry("RUN x") + "," + empty("ENV A=B")
                                + "," + empty("ENV A=B") + "," + entry("COPY y") + "," + empty("ENTRYPOINT z") + "]",
                        3),
                3);
        items.schema2(
                "empty-first",
                "the oldest entry is empty",
                config("amd64", "[" + empty("ENV X=1") + "," + entry("a") + "," + entry("b") + "]", 2),
                2);
        items.schema2(
                "zero-layers",
                "no layers, all history empty",
                config("amd64", "[" + empty("LABEL a=b") + "," + empty("CMD x") + "]", 0),
                0);
        items.schema2("history-null", "a null history entry", config("amd64", "[null," + entry("x") + "]", 2), 2);
        items.schema2("rootfs-empty", "rootfs {} and no layers", "{\"history\":[" + empty("x") + "],\"rootfs\":{}}", 0);
        items.schema2(
                "no-arch",
                "no architecture, os or created",
                "{\"history\":" + history(2) + ",\"rootfs\":" + rootfs(2) + "}",
                2);
        items.schema2("arm64-single", "architecture arm64, not in a list", config("arm64", history(2), 2), 2);
        items.schema2(
                "base-layer",
                "rootfs.base_layer of an old Windows image",
                config(2).replace("\"type\":", "\"base_layer\":\"sha256:windowsservercore\",\"type\":"),
                2);
        items.schema2(
                "base-layer-single",
                "rootfs.base_layer with one entry: not used",
                config(1).replace("\"type\":", "\"base_layer\":\"sha256:windowsservercore\",\"type\":"),
                1);
        items.item(
                "duplicate-layers",
                "four layers, three of them the same blob",
                image -> image.schema2(config(4), "same", "same", "other", "same"));
        items.item(
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
        String history = "[{\"created\":\"" + CorpusItems.TIME
                + "\",\"created_by\":\"LABEL <b>&</b> ünï \uD83D\uDC33 \u2028 \\u0007\","
                + "\"author\":\"Ann <ann@example.org> & Bob\",\"comment\":\"a \\\"c\\\" \\\\ / \\t \\b\\f \\u001f \u007F\"},"
                + "{\"created\":\"" + CorpusItems.TIME + "\",\"created_by\":\"echo '<>&'\",\"comment\":\"\"}]";
        String config = "{\"architecture\":\"amd64\",\"author\":\"Žofie\",\"config\":{\"Labels\":" + labels
                + "},\"history\":" + history + ",\"rootfs\":" + rootfs(2) + "}";
        items.schema2("labels", "HTML characters, control characters, U+2028, other scripts, raw", config, 2);
        items.schema2("labels-ascii", "the same config with everything outside ASCII escaped", ascii(config), 2);
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
        items.schema2(
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
            items.refused(
                    "bad-created-" + time[0],
                    "history[0].created is " + time[1],
                    RefusalReason.MALFORMED_CONFIG,
                    image -> image.schema2(
                            config("amd64", "[{\"created\":" + time[1] + "}," + entry("top") + "]", 2), "a", "b"));
        }
        items.refused(
                "bad-created-offset-24",
                "an offset of 24 hours, which Go 1.19 accepts and 1.20 does not",
                RefusalReason.MALFORMED_CONFIG,
                image -> image.schema2(
                        config("amd64", "[{\"created\":\"2020-01-01T00:00:00+24:00\"}," + entry("top") + "]", 2),
                        "a",
                        "b"));
    }

    private void jsonSpellings() {
        items.schema2(
                "spelling-order",
                "order, space, numbers and unknown members",
                "{\n  \"zeta\": 1.0,\n  \"os\":\"linux\" ,\n  \"Alpha\": 1E3, \"alpha\": 12345678901234567890123, \"neg\": -0,"
                        + " \"a<b\": \"<&>\", \"nested\": { \"b\" : 1 , \"a\" : [ 1 , 2 , { } , [ ] ] , \"esc\": \"\\u00e9\\/\\u003c<\" },"
                        + "\n  \"architecture\":\"amd64\",\n \"history\":[{\"created\":\"" + CorpusItems.TIME
                        + "\",\"created_by\":\"x \\u00e9 \\/ \\u003c\"}],\n \"rootfs\":" + rootfs(1)
                        + ",\n\"id\":\"old-id\",\"parent\":\"old-parent\",\"throwaway\":false}\n",
                1);
        items.schema2(
                "spelling-key-order",
                "keys beyond the BMP, escaped keys, empty key",
                config(1)
                        .replaceFirst(
                                "\\{", "{\"\uD83D\uDE00\":1,\"\uFFFD\":2,\"\":3,\"\\u0000\":4,\"\\ud800\":5,\"é\":6,"),
                1);
        items.schema2(
                "spelling-escaped-names",
                "known names spelled with escapes",
                config(2).replace("\"history\"", "\"h\\u0069story\"").replace("\"created_by\"", "\"created\\u005fby\""),
                2);
        items.schema2(
                "lone-surrogates",
                "escapes of lone surrogates in history and labels",
                config(
                                "amd64",
                                "[{\"created_by\":\"lone \\ud800 pair \\ud83d\\udc33 low \\udc33\"}," + entry("top")
                                        + "]",
                                2)
                        .replace("\"OnBuild\"", "\"lone\\udfff\":\"\\ud800x\",\"OnBuild\""),
                2);
        items.refused(
                "ambiguous-history-twice",
                "two histories",
                RefusalReason.AMBIGUOUS_JSON,
                image -> image.schema2(
                        config(1).replaceFirst("\\{", "{\"history\":[{\"created_by\":\"first\"}],"), "a"));
        items.refused(
                "ambiguous-created-by-twice",
                "created_by twice in an entry",
                RefusalReason.AMBIGUOUS_JSON,
                image -> image.schema2(config("amd64", "[{\"created_by\":\"a\",\"created_by\":\"b\"}]", 1), "a"));
        items.refused(
                "ambiguous-case",
                "History, ROOTFS and Architecture",
                RefusalReason.AMBIGUOUS_JSON,
                image -> image.schema2(
                        config(2).replace("\"history\"", "\"History\"").replace("\"rootfs\"", "\"ROOTFS\""), "a", "b"));
        items.refused(
                "ambiguous-long-s",
                "rootfs with U+017F",
                RefusalReason.AMBIGUOUS_JSON,
                image -> image.schema2(config(1).replaceFirst("\\{", "{\"rootf\u017F\":{\"diff_ids\":[]},"), "a"));
    }

    private void opaqueParts() {
        items.schema2(
                "opaque-duplicates",
                "duplicate opaque keys, on top and nested",
                config(1).replaceFirst("\\{", "{\"x\":1,\"x\":{\"y\":1,\"y\":2},\"z\":1,\"z\":null,"),
                1);
        items.schema2(
                "opaque-deep",
                "9000 levels of arrays in an opaque value",
                config(1).replaceFirst("\\{", "{\"deep\":" + "[".repeat(9000) + "]".repeat(9000) + ","),
                1);
        items.refused(
                "opaque-too-deep",
                "10000 levels of arrays in an opaque value",
                RefusalReason.TOO_LARGE,
                image -> image.schema2(
                        config(1).replaceFirst("\\{", "{\"deep\":" + "[".repeat(10_000) + "]".repeat(10_000) + ","),
                        "a"));
    }

    private void mismatches() {
        items.refused(
                "no-history",
                "config without history",
                RefusalReason.EMPTY_HISTORY,
                image -> image.schema2("{\"architecture\":\"amd64\",\"rootfs\":" + rootfs(2) + "}", "a", "b"));
        items.refused(
                "history-short",
                "3 layers, 2 entries with a layer",
                RefusalReason.HISTORY_LAYER_MISMATCH,
                image -> image.schema2(config("amd64", history(2), 3), "a", "b", "c"));
        items.refused(
                "history-long",
                "2 layers, 3 entries with a layer",
                RefusalReason.HISTORY_LAYER_MISMATCH,
                image -> image.schema2(config("amd64", history(3), 2), "a", "b"));
        items.refused(
                "diff-ids-short",
                "3 layers, 2 diff IDs",
                RefusalReason.DIFF_ID_MISMATCH,
                image -> image.schema2(config("amd64", history(2), 2), "a", "b", "c"));
        items.refused(
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
            items.refused(
                    "config-" + config[0],
                    "config is broken: " + config[0],
                    RefusalReason.MALFORMED_CONFIG,
                    image -> image.schema2(config[1], "a"));
        }
        items.refused(
                "config-empty-object", "config is {}", RefusalReason.EMPTY_HISTORY, image -> image.schema2("{}", "a"));
        items.refused(
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
        items.schema2(
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
        items.schema2(
                "config-3mb",
                "a config of 3 MB",
                config(1).replaceFirst("\\{", "{\"pad\":\"" + "x".repeat(3 << 20) + "\","),
                1);
        items.refused(
                "config-5mb",
                "a config of 5 MB",
                RefusalReason.TOO_LARGE,
                image ->
                        image.schema2(config(1).replaceFirst("\\{", "{\"pad\":\"" + "x".repeat(5 << 20) + "\","), "a"));
    }

    private static String ascii(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> out.append(c < 0x7F ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return out.toString();
    }
}
