package dev.precast.serving.view;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Values of the view. Layout, big-endian: the {@link Seal} (32 bytes); layout number (1); kind (1); version (8); then for a tag's
 * offers what {@link OffersCodec} writes, for a manifest media type and source digest (each 2 bytes of length and the text) and
 * the content raw, for a deleted key nothing.
 */
final class ValueCodec {
    private static final int HASH = Seal.LENGTH;
    private static final int HEADER = HASH + 1 + 1 + Long.BYTES;
    private static final byte LAYOUT = 2;
    private static final byte DELETED = 0;
    private static final byte OFFERS = 1;
    private static final byte MANIFEST = 2;

    private ValueCodec() {}

    static byte[] offers(byte[] key, long version, TagOffers offers) {
        byte[] body = OffersCodec.write(offers);
        return sealed(key, header(OFFERS, version, body.length).put(body));
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
    static Optional<TagOffers> readOffers(Reference tag, byte[] key, byte[] value) {
        byte kind = check(key, value);
        if (kind == DELETED) {
            return Optional.empty();
        }
        requireKind(OFFERS, kind);
        try {
            return Optional.of(OffersCodec.read(tag, version(value), value, HEADER));
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
            return Optional.of(new StoredManifest(digest, mediaType, from, rest.slice()));
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
        Seal.put(key, bytes);
        return bytes;
    }

    private static byte check(byte[] key, byte[] value) {
        Seal.check(key, value);
        if (value.length < HEADER || value[HASH] != LAYOUT) {
            throw new DamagedViewException("The view holds a value of another layout than " + LAYOUT + ".");
        }
        return value[HASH + 1];
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
