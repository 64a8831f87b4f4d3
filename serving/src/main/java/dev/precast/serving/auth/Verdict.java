package dev.precast.serving.auth;

/** Whether a caller may read a repository. */
public enum Verdict {
    ALLOWED,
    /** The upstream says no, in whatever words. */
    DENIED,
    /** Nobody can be asked, and nothing is remembered. */
    UNAVAILABLE
}
