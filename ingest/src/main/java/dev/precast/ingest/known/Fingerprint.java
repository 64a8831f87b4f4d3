package dev.precast.ingest.known;

import dev.precast.schemas.image.Digest;

/**
 * The first 128 bits of a digest: enough to tell two apart, and a fifth of its memory. Nothing is served by it: a difference, or
 * none, only decides whether a tag is read.
 */
public record Fingerprint(long high, long low) {
    /** Of nothing: equal to that of no digest that anybody can make. */
    public static final Fingerprint NONE = new Fingerprint(0, 0);

    public static Fingerprint of(Digest digest) {
        return parse(digest.hex());
    }

    /** @param hex 32 hex digits or more, of which the first 32 count */
    static Fingerprint parse(String hex) {
        return new Fingerprint(Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
    }

    /** 32 hex digits. */
    @Override
    public String toString() {
        return String.format("%016x%016x", high, low);
    }
}
