package dev.precast.converter.schema1;

import dev.precast.converter.schema1.ImageConfig.HistoryEntry;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.json.InterpretedFields;
import dev.precast.schemas.json.RawJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads image configs: strictly where fields are interpreted, not at all elsewhere. Types and the meaning of null are Go's
 * ({@code manifest/schema1/config_builder.go} at v2.8.3, {@code imageConfig}). Pure and thread-safe.
 */
final class ImageConfigParser {
    private static final InterpretedFields.Names CONFIG_FIELDS =
            InterpretedFields.Names.of("rootfs", "history", "architecture", "os", "id", "parent", "throwaway");
    private static final InterpretedFields.Names ROOTFS_FIELDS =
            InterpretedFields.Names.of("type", "diff_ids", "base_layer");
    private static final InterpretedFields.Names HISTORY_FIELDS =
            InterpretedFields.Names.of("created", "author", "created_by", "comment", "empty_layer");

    private ImageConfigParser() {}

    /**
     * Parses the bytes of a config blob.
     *
     * @throws RefusedException {@code TOO_LARGE}, {@code NOT_UTF8}, {@code MALFORMED_CONFIG}, {@code AMBIGUOUS_JSON},
     *     {@code EMPTY_HISTORY} or {@code NO_ROOTFS}
     */
    static ImageConfig parse(byte[] bytes) throws RefusedException {
        if (bytes.length > Limits.MAX_CONFIG_BYTES) {
            throw new RefusedException(
                    RefusalReason.TOO_LARGE,
                    "The image config has " + bytes.length + " bytes, at most " + Limits.MAX_CONFIG_BYTES
                            + " are read.");
        }
        RawJson root = RawJson.parse(bytes, "image config", RefusalReason.MALFORMED_CONFIG, Limits.MAX_CONFIG_DEPTH);
        if (root.kind() != RawJson.Kind.OBJECT) {
            throw malformed("The image config is of the kind " + root.kind() + ", expected an object.");
        }
        List<RawJson.Member> members = root.members();
        InterpretedFields fields = fields(members, CONFIG_FIELDS, "image config");
        fields.string("os");
        String architecture = fields.string("architecture");
        List<HistoryEntry> history = history(fields.elements("history"));
        Optional<RawJson> rootfs = fields.value("rootfs", RawJson.Kind.OBJECT);
        InterpretedFields layers =
                rootfs.isEmpty() ? null : fields(rootfs.get().members(), ROOTFS_FIELDS, "rootfs of the image config");
        if (layers != null) {
            layers.string("type");
        }
        if (history.isEmpty()) {
            throw new RefusedException(RefusalReason.EMPTY_HISTORY, "The image config has no history entries.");
        }
        if (layers == null) {
            throw new RefusedException(RefusalReason.NO_ROOTFS, "The image config has no rootfs.");
        }
        requireReadableTop(fields, history);
        return new ImageConfig(members, architecture, diffIds(layers), layers.string("base_layer"), history);
    }

    private static int diffIds(InterpretedFields rootfs) throws RefusedException {
        List<RawJson> diffIds = rootfs.elements("diff_ids");
        for (RawJson diffId : diffIds) {
            if (diffId.kind() != RawJson.Kind.STRING && diffId.kind() != RawJson.Kind.NULL) {
                throw malformed("The image config has a diff ID of the kind " + diffId.kind() + ", expected STRING.");
            }
        }
        return diffIds.size();
    }

    private static List<HistoryEntry> history(List<RawJson> elements) throws RefusedException {
        List<HistoryEntry> history = new ArrayList<>(elements.size());
        for (RawJson element : elements) {
            history.add(historyEntry(element, "history[" + history.size() + "] of the image config"));
        }
        return history;
    }

    private static HistoryEntry historyEntry(RawJson element, String what) throws RefusedException {
        if (element.kind() == RawJson.Kind.NULL) {
            return HistoryEntry.ZERO;
        }
        if (element.kind() != RawJson.Kind.OBJECT) {
            throw malformed("The " + what + " is of the kind " + element.kind() + ", expected an object.");
        }
        InterpretedFields fields = fields(element.members(), HISTORY_FIELDS, what);
        return new HistoryEntry(
                created(fields, what),
                fields.string("author"),
                fields.string("created_by"),
                fields.string("comment"),
                fields.isTrue("empty_layer"));
    }

    private static String created(InterpretedFields fields, String what) throws RefusedException {
        Optional<RawJson> created = fields.value("created", RawJson.Kind.STRING);
        if (created.isEmpty()) {
            return GoTime.ZERO;
        }
        String literal = created.get().text();
        return GoTime.normalize(literal.substring(1, literal.length() - 1))
                .orElseThrow(() -> malformed("The " + what + " has the time " + shorten(literal)
                        + ", expected one of RFC 3339 such as \"2006-01-02T15:04:05Z\"."));
    }

    /**
     * The newest entry keeps a {@code throwaway} that the config has unless it is overwritten, and a {@code parent} when it is
     * the only one; clients read them as a boolean and a string.
     */
    private static void requireReadableTop(InterpretedFields fields, List<HistoryEntry> history)
            throws RefusedException {
        if (!history.get(history.size() - 1).emptyLayer()) {
            fields.value("throwaway", RawJson.Kind.BOOLEAN);
        }
        if (history.size() == 1) {
            fields.value("parent", RawJson.Kind.STRING);
        }
    }

    private static InterpretedFields fields(List<RawJson.Member> members, InterpretedFields.Names known, String what)
            throws RefusedException {
        return InterpretedFields.of(members, known, what, RefusalReason.MALFORMED_CONFIG);
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    private static RefusedException malformed(String message) {
        return new RefusedException(RefusalReason.MALFORMED_CONFIG, message);
    }
}
