package dev.precast.serving.view;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Values of the view. Layout, big-endian: SHA-256 of the key and of all that follows (32 bytes); layout number (1); kind (1);
 * version (8); then for a tag's offers their JSON, for a manifest media type and source digest (each 2 bytes of length and the
 * text) and the content raw, for a deleted key nothing. The hash makes a value useless under another key and shows any change of
 * its bytes, wherever on the way to or from the disk it happened.
 */
final class ValueCodec {
    private static final int HASH = 32;
    private static final int HEADER = HASH + 1 + 1 + Long.BYTES;
    private static final byte LAYOUT = 1;
    private static final byte DELETED = 0;
    private static final byte OFFERS = 1;
    private static final byte MANIFEST = 2;

    private static final MessageDigest SHA256 = Digest.EMPTY_LAYER.newHasher();

    private ValueCodec() {}

    static byte[] offers(byte[] key, long version, TagOffers offers) {
        byte[] json = RecordJson.write(offers);
        ByteBuffer value = header(OFFERS, version, json.length).put(json);
        return sealed(key, value);
    }

    static byte[] manifest(byte[] key, long version, VariantManifest manifest) {
        byte[] mediaType = manifest.mediaType().getBytes(StandardCharsets.UTF_8);
        Digest from = manifest.from();
        byte[] source = from == null ? new byte[0] : from.toString().getBytes(StandardCharsets.US_ASCII);
        byte[] content = manifest.bytes();
        int length = Short.BYTES + mediaType.length + Short.BYTES + source.length + content.length;
        ByteBuffer value = header(MANIFEST, version, length);
        value.putShort((short) mediaType.length).put(mediaType);
        value.putShort((short) source.length).put(source);
        return sealed(key, value.put(content));
    }

    static byte[] deleted(byte[] key, long version) {
        return sealed(key, header(DELETED, version, 0));
    }

    /** The version of a value, unchecked: it decides only what is written next. */
    static long version(byte[] value) {
        return value.length < HEADER ? Long.MIN_VALUE : ByteBuffer.wrap(value).getLong(HASH + 2);
    }

    /**
     * The offers that {@code value} holds; empty for a deleted key.
     *
     * @throws DamagedViewException if it is not what was written under {@code key}
     */
    static Optional<TagOffers> readOffers(byte[] key, byte[] value) {
        byte kind = check(key, value);
        if (kind == DELETED) {
            return Optional.empty();
        }
        requireKind(OFFERS, kind);
        try {
            byte[] json = java.util.Arrays.copyOfRange(value, HEADER, value.length);
            return Optional.of(RecordJson.read(json, TagOffers.class));
        } catch (IOException e) {
            throw new DamagedViewException("The view holds offers that cannot be read.", e);
        }
    }

    /**
     * The manifest that {@code value} holds; empty for a deleted key.
     *
     * @throws DamagedViewException if it is not what was written under {@code key}
     */
    static Optional<StoredManifest> readManifest(Digest digest, byte[] key, byte[] value) {
        byte kind = check(key, value);
        if (kind == DELETED) {
            return Optional.empty();
        }
        requireKind(MANIFEST, kind);
        try {
            ByteBuffer rest = ByteBuffer.wrap(value).position(HEADER);
            String mediaType = text(rest);
            String source = text(rest);
            @Nullable Digest from = source.isEmpty() ? null : Digest.parse(source);
            return Optional.of(new StoredManifest(digest, mediaType, from, value, rest.position()));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new DamagedViewException("The view holds a manifest that cannot be read.", e);
        }
    }

    private static ByteBuffer header(byte kind, long version, int length) {
        return ByteBuffer.allocate(HEADER + length)
                .position(HASH)
                .put(LAYOUT)
                .put(kind)
                .putLong(version);
    }

    @SuppressWarnings("ByteBufferBackingArray") // Every buffer here comes from header(), which allocates it.
    private static byte[] sealed(byte[] key, ByteBuffer value) {
        byte[] bytes = value.array();
        System.arraycopy(hash(key, bytes), 0, bytes, 0, HASH);
        return bytes;
    }

    private static byte check(byte[] key, byte[] value) {
        if (value.length < HEADER || !matches(hash(key, value), value)) {
            throw new DamagedViewException("The view holds a value that is not what was written.");
        }
        if (value[HASH] != LAYOUT) {
            throw new DamagedViewException(
                    "The view holds a value of layout " + value[HASH] + ", expected " + LAYOUT + ".");
        }
        return value[HASH + 1];
    }

    private static boolean matches(byte[] hash, byte[] value) {
        return java.util.Arrays.equals(hash, 0, HASH, value, 0, HASH);
    }

    private static byte[] hash(byte[] key, byte[] value) {
        MessageDigest hasher = newHasher();
        hasher.update(key);
        hasher.update(value, HASH, value.length - HASH);
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

    private static void requireKind(byte expected, byte found) {
        if (found != expected) {
            throw new DamagedViewException("The view holds a value of kind " + found + ", expected " + expected + ".");
        }
    }

    private static String text(ByteBuffer buffer) {
        byte[] bytes = new byte[Short.toUnsignedInt(buffer.getShort())];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
