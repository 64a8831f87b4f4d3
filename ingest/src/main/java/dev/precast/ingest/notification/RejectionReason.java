package dev.precast.ingest.notification;

/** Why a body went to the dead letters. The names are what operators read there. */
public enum RejectionReason {
    /** Not JSON, not UTF-8, or not of the documented form. */
    MALFORMED_EVENT,
    /** Two readers could understand the JSON differently. */
    AMBIGUOUS_EVENT,
    /** A repository or tag outside the grammar: it can name nothing in a registry. */
    INVALID_NAME,
    /** A media type that no parser of this address reads. */
    UNKNOWN_MEDIA_TYPE
}
