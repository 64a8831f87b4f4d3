package dev.precast.serving.view;

import dev.precast.schemas.image.Digest;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * SHA-256 over a key and what is stored under it, in the first 32 bytes of the value. It makes a value useless under another
 * key and shows any change of its bytes, wherever on the way to or from the disk it happened.
 */
final class Seal {
    /** Bytes. */
    static final int LENGTH = 32;

    private static final MessageDigest SHA256 = Digest.EMPTY_LAYER.newHasher();

    private Seal() {}

    /** Fills in the first bytes of {@code value}, which is otherwise complete. */
    static void put(byte[] key, byte[] value) {
        System.arraycopy(hash(key, value), 0, value, 0, LENGTH);
    }

    /** @throws DamagedViewException if {@code value} is not what was sealed under {@code key} */
    static void check(byte[] key, byte[] value) {
        if (value.length < LENGTH || !Arrays.equals(hash(key, value), 0, LENGTH, value, 0, LENGTH)) {
            throw new DamagedViewException("The view holds a value that is not what was written.");
        }
    }

    private static byte[] hash(byte[] key, byte[] value) {
        MessageDigest hasher = newHasher();
        hasher.update(key);
        hasher.update(value, LENGTH, value.length - LENGTH);
        return hasher.digest();
    }

    /** Cloning a fresh hash is cheaper than looking one up in the provider list on every read. */
    private static MessageDigest newHasher() {
        try {
            return (MessageDigest) SHA256.clone();
        } catch (CloneNotSupportedException e) {
            return Digest.EMPTY_LAYER.newHasher();
        }
    }
}
