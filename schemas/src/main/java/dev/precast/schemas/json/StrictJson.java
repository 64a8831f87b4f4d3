package dev.precast.schemas.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Set;

/**
 * The one JSON reader for manifests, events and everything else from outside whose keys are interpreted. It refuses what two
 * readers could understand differently: duplicate keys, keys that case-fold onto known ones (Go matches field names without
 * regard to case, even U+017F for s), trailing data, a byte-order mark, invalid UTF-8, lone surrogates, and excessive depth or
 * size. Thread-safe.
 */
public final class StrictJson {
    private static final int MAX_NUMBER = 100;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(Limits.MAX_JSON_DEPTH)
                            .maxStringLength(Limits.MAX_JSON_STRING)
                            .maxNumberLength(MAX_NUMBER)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.CHARSET_DETECTION) // UTF-16 without a mark is valid UTF-8 with NULs.
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private StrictJson() {}

    /**
     * Reads one JSON document.
     *
     * @param what names the thing in messages, for example {@code "manifest"}
     * @param malformed the reason for what is not JSON at all
     */
    public static JsonNode read(byte[] bytes, String what, RefusalReason malformed) throws RefusedException {
        requireUtf8(bytes, what);
        if (bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF) {
            throw new RefusedException(malformed, "The " + what + " starts with a byte-order mark, expected JSON.");
        }
        try {
            JsonNode node = MAPPER.readTree(bytes);
            if (node == null || node.isMissingNode()) {
                throw new RefusedException(malformed, "The " + what + " is empty, expected JSON.");
            }
            requireWellFormedText(node, what, malformed);
            return node;
        } catch (StreamConstraintsException e) {
            throw new RefusedException(
                    RefusalReason.TOO_LARGE, "The " + what + " is not read on: " + e.getOriginalMessage());
        } catch (JsonParseException e) {
            boolean duplicate = e.getOriginalMessage().startsWith("Duplicate field");
            throw new RefusedException(
                    duplicate ? RefusalReason.AMBIGUOUS_JSON : malformed,
                    "The " + what + " is not acceptable JSON: " + firstLine(e.getOriginalMessage()) + position(e));
        } catch (JsonProcessingException e) {
            throw new RefusedException(
                    malformed,
                    "The " + what + " is not acceptable JSON: " + firstLine(e.getOriginalMessage()) + position(e));
        } catch (NumberFormatException e) {
            // Jackson gives up on exponents beyond 32 bits without a JsonProcessingException.
            throw new RefusedException(malformed, "The " + what + " has a number that no reader can hold.");
        } catch (IOException e) {
            throw new IllegalStateException("Reading from memory cannot fail", e);
        }
    }

    /**
     * Refuses keys of {@code object} that another reader would take for one of {@code known}: same letters, other case, by
     * Unicode folding.
     */
    public static void requireNoFoldedKeys(JsonNode object, Set<String> known, String what) throws RefusedException {
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (known.contains(name)) {
                continue;
            }
            String folded = fold(name);
            for (String candidate : known) {
                if (fold(candidate).equals(folded)) {
                    throw new RefusedException(
                            RefusalReason.AMBIGUOUS_JSON,
                            "The " + what + " has the key \"" + name + "\", which some readers take for \"" + candidate
                                    + "\".");
                }
            }
        }
    }

    /** Folds case as Go's encoding/json does for field names: simple folding, with U+017F to s and U+212A to k. */
    public static String fold(String key) {
        if (isLowerCaseAscii(key)) {
            return key;
        }
        StringBuilder folded = new StringBuilder(key.length());
        key.codePoints().forEach(c -> folded.appendCodePoint(Character.toLowerCase(Character.toUpperCase(c))));
        return folded.toString();
    }

    private static boolean isLowerCaseAscii(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c >= 0x80 || (c >= 'A' && c <= 'Z')) {
                return false;
            }
        }
        return true;
    }

    /** Refuses bytes that are not UTF-8. */
    public static void requireUtf8(byte[] bytes, String what) throws RefusedException {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            throw new RefusedException(RefusalReason.NOT_UTF8, "The " + what + " is not valid UTF-8.");
        }
    }

    private static void requireWellFormedText(JsonNode node, String what, RefusalReason malformed)
            throws RefusedException {
        if (node.isTextual() && hasLoneSurrogate(node.textValue())) {
            throw new RefusedException(malformed, "The " + what + " has a string with a lone surrogate.");
        }
        if (node.isObject()) {
            for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
                if (hasLoneSurrogate(names.next())) {
                    throw new RefusedException(malformed, "The " + what + " has a key with a lone surrogate.");
                }
            }
        }
        for (JsonNode child : node) {
            requireWellFormedText(child, what, malformed);
        }
    }

    private static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return true;
            }
        }
        return false;
    }

    private static String position(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }

    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("");
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }
}
