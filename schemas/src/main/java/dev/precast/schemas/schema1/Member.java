package dev.precast.schemas.schema1;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One member of the top-level object of a document, and where it lies; offsets in bytes. A {@code v1Compatibility} string may
 * be as long as a config, so strings are bounded only by the document.
 */
record Member(String name, int nameStart, int valueStart, int valueEnd) {
    private static final JsonFactory LENIENT = factory(false);
    private static final JsonFactory NO_DUPLICATES = factory(true);

    /** All top-level members in order, duplicates included. */
    static List<Member> scan(byte[] document) throws RefusedException {
        List<Member> members = new ArrayList<>();
        try (JsonParser parser = LENIENT.createParser(document)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new RefusedException(
                        RefusalReason.MALFORMED_MANIFEST, "The manifest is not a JSON object, expected one.");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                int nameStart = (int) parser.currentTokenLocation().getByteOffset();
                parser.nextToken();
                int valueStart = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parser.finishToken();
                members.add(new Member(name, nameStart, valueStart, (int)
                        parser.currentLocation().getByteOffset()));
            }
            requireEnd(parser);
        } catch (IOException e) {
            throw refused(e);
        }
        return members;
    }

    /** Refuses what is no JSON object, and any duplicate key in it. */
    static void requireUnambiguous(byte[] payload) throws RefusedException {
        try (JsonParser parser = NO_DUPLICATES.createParser(payload)) {
            parser.nextToken();
            parser.skipChildren();
            requireEnd(parser);
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private static void requireEnd(JsonParser parser) throws IOException, RefusedException {
        if (parser.nextToken() != null) {
            throw new RefusedException(
                    RefusalReason.MALFORMED_MANIFEST, "The manifest goes on after its end, expected one JSON object.");
        }
    }

    private static RefusedException refused(IOException e) {
        if (e instanceof StreamConstraintsException) {
            return new RefusedException(
                    RefusalReason.TOO_LARGE,
                    "The manifest is nested deeper than " + Limits.MAX_JSON_DEPTH + " levels or too large.");
        }
        String text = e instanceof JsonProcessingException json ? json.getOriginalMessage() : "";
        boolean duplicate = text.startsWith("Duplicate");
        return new RefusedException(
                duplicate ? RefusalReason.AMBIGUOUS_JSON : RefusalReason.MALFORMED_MANIFEST,
                duplicate
                        ? "The manifest's payload has a key twice, expected each once."
                        : "The manifest or its payload is not JSON, expected an object.");
    }

    private static JsonFactory factory(boolean strict) {
        return JsonFactory.builder()
                .disable(JsonFactory.Feature.CHARSET_DETECTION) // Go reads UTF-8 only, and no byte-order mark.
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(Limits.MAX_JSON_DEPTH)
                        .maxStringLength(Limits.MAX_RECORD_BYTES)
                        .maxNumberLength(100)
                        .build())
                .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, strict)
                .build();
    }
}
