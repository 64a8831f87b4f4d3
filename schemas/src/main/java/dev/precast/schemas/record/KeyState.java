package dev.precast.schemas.record;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a signing key is for. */
public enum KeyState {
    /** Known and held by a converter, but not used yet. */
    @JsonProperty("available")
    AVAILABLE,
    /** Signs everything. */
    @JsonProperty("active")
    ACTIVE,
    /** Has signed; signs beside the active key while the overlap lasts, and is still published. */
    @JsonProperty("previous")
    PREVIOUS,
    /** Never signs again and is no longer published; what only it has signed is taken back. */
    @JsonProperty("retired")
    RETIRED;

    /** As in the records and in what commands print. */
    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
