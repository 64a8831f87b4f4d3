package dev.precast.schemas.record;

import static java.util.Objects.requireNonNull;

/**
 * Desired state: what the pattern matches was built anew at or after {@code version}. Key {@link RecordKeys#walkRequest}.
 *
 * @param pattern of repositories
 * @param version microseconds, growing from request to request
 */
public record WalkRequest(String pattern, long version) implements WalkRecord {
    public WalkRequest {
        requireNonNull(pattern, "pattern");
    }
}
