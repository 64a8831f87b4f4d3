package dev.precast.testkit;

import dev.precast.schemas.error.RefusalReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The text of one seeded image config, well-formed unless a defect is asked for. The order of all members is random, unknown
 * members stand among the known ones, known names may be spelled with escapes.
 */
final class RandomConfig {
    private static final List<String> FIXED_TIMES = List.of(
            "2023-04-01T10:20:30Z",
            "2020-01-01T00:00:00,5Z",
            "2020-01-01T1:02:03Z",
            "2020-02-29T23:59:59.120000000Z",
            "2020-01-01T00:00:00.000000000Z",
            "2020-01-01T00:00:00.1234567891234Z",
            "2020-01-01T00:00:00-00:00",
            "2020-01-01T00:00:00+02:60",
            "0000-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59.999999999-23:59",
            "1969-12-31T23:59:59.000000001+05:30");
    private static final List<String> BAD_TIMES = List.of(
            "\"\"",
            "1577836800",
            "\"2020-01-01 00:00:00Z\"",
            "\"2020-01-01t00:00:00z\"",
            "\"2016-12-31T23:59:60Z\"",
            "\"2021-02-29T00:00:00Z\"",
            "\"2020-01-01T24:00:00Z\"",
            "\"10000-01-01T00:00:00Z\"",
            "\"2020-01-01T00:00:00\"",
            "\"202\\u0030-01-01T00:00:00Z\"",
            "\"2020-13-01T00:00:00Z\"");

    /** What can be wrong, and what it is refused as. */
    enum Defect {
        HISTORY_SHORT(RefusalReason.HISTORY_LAYER_MISMATCH),
        HISTORY_LONG(RefusalReason.HISTORY_LAYER_MISMATCH),
        DIFF_IDS_SHORT(RefusalReason.DIFF_ID_MISMATCH),
        NO_HISTORY(RefusalReason.EMPTY_HISTORY),
        NO_ROOTFS(RefusalReason.NO_ROOTFS),
        DUPLICATE_KEY(RefusalReason.AMBIGUOUS_JSON),
        FOLDED_KEY(RefusalReason.AMBIGUOUS_JSON),
        BAD_TIME(RefusalReason.MALFORMED_CONFIG),
        WRONG_TYPE(RefusalReason.MALFORMED_CONFIG),
        TRAILING_DATA(RefusalReason.MALFORMED_CONFIG);

        final RefusalReason reason;

        Defect(RefusalReason reason) {
            this.reason = reason;
        }
    }

    private final Random random;
    private final RandomJson json;
    private final int layers;
    private final @Nullable Defect defect;

    RandomConfig(Random random, int layers, @Nullable Defect defect) {
        this.random = random;
        this.json = new RandomJson(random);
        this.layers = layers;
        this.defect = defect;
    }

    String text() {
        List<String> members = new ArrayList<>();
        if (defect != Defect.NO_HISTORY) {
            members.add(member("history", history()));
        }
        if (defect != Defect.NO_ROOTFS) {
            members.add(member("rootfs", rootfs()));
        }
        optional(members, "architecture", json.pick(List.of("\"amd64\"", "\"arm64\"", "null", json.string())));
        optional(members, "os", json.pick(List.of("\"linux\"", "\"windows\"", "null")));
        if (random.nextInt(6) == 0) {
            members.add(member("id", json.value(1)));
        }
        if (random.nextInt(6) == 0) {
            members.add(member("parent", json.string()));
        }
        if (random.nextInt(6) == 0) {
            members.add(member("throwaway", json.pick(List.of("true", "false", "null"))));
        }
        opaque(members);
        breakMembers(members);
        Collections.shuffle(members, random);
        String trailing = defect == Defect.TRAILING_DATA ? json.pick(List.of(" x", "{}", ",", "\0")) : "";
        return json.space() + object(members) + json.space() + trailing;
    }

    private void opaque(List<String> members) {
        optional(members, "created", json.string());
        optional(members, "config", json.value(4));
        optional(members, "container_config", json.value(3));
        optional(members, "docker_version", "\"20.10.24+dfsg1\"");
        optional(members, "moby.buildkit.buildinfo.v1", json.string());
        optional(members, "variant", "\"v8\"");
        int more = random.nextInt(4);
        for (int i = 0; i < more; i++) {
            // The same key may come several times; the last one counts.
            String key = random.nextInt(3) == 0 ? json.string() : json.literal("x-" + random.nextInt(3), false);
            members.add(key + json.space() + ":" + json.space() + json.value(3));
        }
    }

    private void breakMembers(List<String> members) {
        if (defect == Defect.DUPLICATE_KEY) {
            members.add(json.literal("architecture", false) + ":\"amd64\"");
            members.add("\"architecture\":\"386\"");
        } else if (defect == Defect.FOLDED_KEY) {
            members.add(json.pick(List.of("\"History\":[]", "\"rootf\u017F\":{}", "\"ARCHITECTURE\":\"amd64\"")));
        } else if (defect == Defect.WRONG_TYPE) {
            members.removeIf(member -> member.contains("architecture") || member.contains("\\u"));
            members.removeIf(member -> member.startsWith("\"history\"") || member.startsWith("\"rootfs\""));
            members.add(json.pick(List.of("\"architecture\":64", "\"history\":{}", "\"rootfs\":[]")));
        }
    }

    private String rootfs() {
        int count = defect == Defect.DIFF_IDS_SHORT ? layers - 1 : layers;
        List<String> diffIds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            diffIds.add(String.format("\"sha256:%064x\"", i));
        }
        List<String> members = new ArrayList<>();
        members.add(member("diff_ids", "[" + String.join("," + json.space(), diffIds) + "]"));
        optional(members, "type", "\"layers\"");
        if (random.nextInt(8) == 0) {
            members.add(member("base_layer", json.string()));
        }
        if (random.nextInt(8) == 0) {
            members.add("\"unknown\":" + json.value(2));
        }
        Collections.shuffle(members, random);
        return object(members);
    }

    private String history() {
        List<String> entries = new ArrayList<>();
        int withLayer = layers + (defect == Defect.HISTORY_LONG ? 1 : defect == Defect.HISTORY_SHORT ? -1 : 0);
        for (int i = 0; i < withLayer; i++) {
            entries.add(random.nextInt(30) == 0 ? "null" : entry(false));
        }
        int empty = random.nextInt(4) == 0 ? 0 : random.nextInt(12);
        for (int i = 0; i < empty || entries.isEmpty(); i++) {
            entries.add(random.nextInt(entries.size() + 1), entry(true));
        }
        if (defect == Defect.BAD_TIME) {
            entries.set(random.nextInt(entries.size()), "{\"created\":" + json.pick(BAD_TIMES) + "}");
        }
        return "[" + json.space() + String.join(json.space() + "," + json.space(), entries) + json.space() + "]";
    }

    private String entry(boolean empty) {
        List<String> members = new ArrayList<>();
        optional(members, "created", random.nextInt(20) == 0 ? "null" : "\"" + time() + "\"");
        optional(members, "created_by", random.nextInt(20) == 0 ? "null" : json.string());
        if (random.nextInt(3) == 0) {
            members.add(member("author", json.string()));
        }
        if (random.nextInt(3) == 0) {
            members.add(member("comment", json.string()));
        }
        if (empty) {
            members.add(member("empty_layer", "true"));
        } else if (random.nextInt(5) == 0) {
            members.add(member("empty_layer", json.pick(List.of("false", "null"))));
        }
        if (random.nextInt(10) == 0) {
            members.add("\"unknown\":" + json.value(2));
        }
        Collections.shuffle(members, random);
        return object(members);
    }

    private String time() {
        if (random.nextInt(4) == 0) {
            return json.pick(FIXED_TIMES);
        }
        String fraction = random.nextBoolean() ? "" : "." + "%09d".formatted(random.nextInt(1_000_000_000));
        String offset = random.nextBoolean()
                ? "Z"
                : String.format(
                        "%s%02d:%02d", random.nextBoolean() ? "+" : "-", random.nextInt(24), random.nextInt(60));
        return String.format(
                "%04d-%02d-%02dT%02d:%02d:%02d%s%s",
                random.nextInt(10_000),
                1 + random.nextInt(12),
                1 + random.nextInt(28),
                random.nextInt(24),
                random.nextInt(60),
                random.nextInt(60),
                fraction,
                offset);
    }

    private void optional(List<String> members, String name, String value) {
        if (random.nextInt(10) > 0) {
            members.add(member(name, value));
        }
    }

    /** Nine times in ten the name as it is, else with escapes in it. */
    private String member(String name, String value) {
        String key =
                random.nextInt(10) > 0 || defect == Defect.WRONG_TYPE ? "\"" + name + "\"" : json.literal(name, false);
        return key + json.space() + ":" + json.space() + value;
    }

    private String object(List<String> members) {
        return "{" + json.space() + String.join(json.space() + "," + json.space(), members) + json.space() + "}";
    }
}
