package dev.precast.testkit.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;

/** Takes the signed payload out of a schema 1 manifest, by formatLength and formatTail as Docker's libtrust does. */
public final class Schema1 {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Schema1() {}

    /** The bytes that the first signature covers. */
    public static byte[] payload(byte[] signed) {
        try {
            Base64.Decoder decoder = Base64.getUrlDecoder();
            JsonNode signature = JSON.readTree(signed).path("signatures").path(0);
            JsonNode header =
                    JSON.readTree(decoder.decode(signature.path("protected").asText()));
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            payload.write(signed, 0, header.path("formatLength").asInt());
            payload.writeBytes(decoder.decode(header.path("formatTail").asText()));
            return payload.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
