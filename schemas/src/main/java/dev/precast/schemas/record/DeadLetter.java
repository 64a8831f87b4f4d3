package dev.precast.schemas.record;

import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was refused at the door, raw, so that an operator can find it and try again.
 *
 * @param source the endpoint or topic it came from
 * @param reason a short code, such as {@code MALFORMED_EVENT}
 * @param message what was found and expected
 * @param raw the bytes in Base64; cut at 1 MiB
 * @param offset topic, partition and offset as {@code topic-partition@offset}; absent for what came by HTTP
 * @param headers of what came by HTTP, those that reading it again needs, by name in lower case: never credentials; absent for
 *     what came from a topic
 */
public record DeadLetter(
        String source,
        String reason,
        String message,
        String raw,
        Instant receivedAt,
        @Nullable String offset,
        @Nullable Map<String, String> headers) {
    private static final int MAX_RAW = 1 << 20;

    public DeadLetter {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(raw, "raw");
        headers = headers == null ? null : Map.copyOf(headers);
    }

    /** Of what came from a topic; absent bytes count as none. */
    public static DeadLetter of(
            String source,
            String reason,
            String message,
            byte @Nullable [] raw,
            Instant receivedAt,
            @Nullable String offset) {
        return new DeadLetter(source, reason, message, base64(raw), receivedAt, offset, null);
    }

    /** Of what came by HTTP. */
    public static DeadLetter received(
            String source, String reason, String message, byte[] raw, Instant receivedAt, Map<String, String> headers) {
        return new DeadLetter(source, reason, message, base64(raw), receivedAt, null, headers);
    }

    /**
     * The bytes that {@link #raw} stands for.
     *
     * @throws IllegalArgumentException if it is no Base64
     */
    public byte[] bytes() {
        return Base64.getDecoder().decode(raw);
    }

    private static String base64(byte @Nullable [] raw) {
        byte[] bytes = raw == null ? new byte[0] : Arrays.copyOf(raw, Math.min(raw.length, MAX_RAW));
        return Base64.getEncoder().encodeToString(bytes);
    }
}
