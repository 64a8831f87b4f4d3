package dev.precast.serving.auth;

import dev.precast.schemas.error.RegistryError;
import dev.precast.serving.upstream.HeaderLines;

/** Whether a caller is let in, and if not, what it hears. Never depends on what exists. */
public sealed interface Ruling {
    /** What needs no more words. */
    enum Plain implements Ruling {
        /** The caller may read it. */
        ALLOWED,
        /** What the caller gets is for the upstream to say, asked with the caller's own credentials. */
        UPSTREAM
    }

    /**
     * No, or nobody knows.
     *
     * @param headers a challenge, where there is one
     */
    record Refused(RegistryError error, HeaderLines headers) implements Ruling {}

    /** 401 with what the caller has to bring. */
    static Ruling challenge(String challenge) {
        return new Refused(
                RegistryError.of(401, "UNAUTHORIZED", "authentication required"),
                HeaderLines.NONE.plus("www-authenticate", challenge));
    }

    /** 403 for a caller who is known and may not. */
    static Ruling denied() {
        return new Refused(
                RegistryError.of(403, "DENIED", "requested access to the resource is denied"), HeaderLines.NONE);
    }

    /** 503, worth another try at once. */
    static Ruling unavailable(String message) {
        return new Refused(RegistryError.of(503, "UNAVAILABLE", message), HeaderLines.NONE);
    }

    default boolean allowed() {
        return this == Plain.ALLOWED;
    }
}
