package dev.precast.serving.auth;

/** Whether a caller may read a repository. */
public enum Verdict {
    ALLOWED,
    /** The upstream says no, in whatever words; its own answer to the caller's request is what the caller gets. */
    DENIED,
    /** Nobody can be asked, and nothing is remembered. */
    UNAVAILABLE
}
