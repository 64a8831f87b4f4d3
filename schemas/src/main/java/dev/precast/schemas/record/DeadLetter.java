package dev.precast.schemas.record;

import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What was refused at the door, raw, so that an operator can find it and try again.
 *
 * @param source the endpoint or topic it came from
 * @param reason a short code, such as {@code MALFORMED_EVENT}
 * @param message what was found and expected
 * @param raw the bytes in Base64; cut at 1 MiB
 * @param offset topic, partition and offset as {@code topic-partition@offset}; absent for what came by HTTP
 */
public record DeadLetter(
        String source,
        String reason,
        String message,
        String raw,
        Instant receivedAt,
        @Nullable String offset) {
    private static final int MAX_RAW = 1 << 20;

    /** As the constructor, of the bytes themselves; absent ones count as none. */
    public static DeadLetter of(
            String source,
            String reason,
            String message,
            byte @Nullable [] raw,
            Instant receivedAt,
            @Nullable String offset) {
        byte[] bytes = raw == null ? new byte[0] : Arrays.copyOf(raw, Math.min(raw.length, MAX_RAW));
        return new DeadLetter(source, reason, message, Base64.getEncoder().encodeToString(bytes), receivedAt, offset);
    }
}
