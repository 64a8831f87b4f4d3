package dev.precast.converter.jws;

/** What is to be thought of a schema 1 manifest as a whole. */
public enum Verdict {
    /** Every signature holds, at least one is by a trusted key, and nothing stands outside the signed payload. */
    VALID_TRUSTED,
    /** Every signature holds and nothing stands outside the signed payload, but no signer is trusted. */
    VALID_UNKNOWN_KEY,
    /** A signature does not hold, or the manifest or its signatures cannot be read. */
    INVALID,
    /** There is no signature to check. */
    UNSIGNED,
    /** Every signature holds, but a plain JSON reader sees members that nobody signed (CVE-2014-8179). */
    EXTRA_MEMBERS
}
