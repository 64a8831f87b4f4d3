package dev.precast.serving.view;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.TagOffers.Offer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tag's offers in the view: every request of a tag reads them, and reading them as JSON takes longer than the rest of the
 * lookup. Repository and tag are in the key, the version in the value's header. Everything is written with
 * {@link DataOutputStream}; known media types are a number, and sha256 digests their 32 bytes.
 */
final class OffersCodec {
    private static final List<String> TYPES = List.of(
            MediaTypes.SCHEMA1_SIGNED,
            MediaTypes.SCHEMA1,
            MediaTypes.SCHEMA2,
            MediaTypes.MANIFEST_LIST,
            MediaTypes.OCI_MANIFEST,
            MediaTypes.OCI_INDEX);
    private static final int OTHER_TYPE = 254;
    private static final int NO_TYPE = 255;
    private static final int REFUSED = 0;
    private static final int SHA256 = 1;
    private static final int OTHER_DIGEST = 2;
    private static final int SHA256_BYTES = 32;

    private OffersCodec() {}

    static byte[] write(TagOffers offers) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            type(offers.rootMediaType(), out);
            digest(offers.root(), out);
            text(offers.builtWith(), out);
            out.writeShort(offers.offers().size());
            for (Map.Entry<String, Offer> entry : offers.offers().entrySet()) {
                type(entry.getKey(), out);
                offer(entry.getValue(), out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws IOException if {@code value}, from {@code offset} on, was not written by {@link #write} */
    static TagOffers read(Reference tag, long version, byte[] value, int offset) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(value, offset, value.length - offset));
        try {
            String rootType = type(in);
            Digest root = digest(in.readUnsignedByte(), in);
            String builtWith = text(in);
            Map<String, Offer> offers = new LinkedHashMap<>();
            for (int left = in.readUnsignedShort(); left > 0; left--) {
                String type = type(in);
                if (type == null) {
                    throw new IOException("an offer without a media type");
                }
                offers.put(type, offer(in));
            }
            return new TagOffers(tag.repository(), tag.tag(), version, root, rootType, offers, builtWith);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static void type(@Nullable String type, DataOutputStream out) throws IOException {
        int known = type == null ? NO_TYPE : TYPES.indexOf(type);
        out.writeByte(known >= 0 ? known : OTHER_TYPE);
        if (known < 0 && type != null) {
            text(type, out);
        }
    }

    private static @Nullable String type(DataInputStream in) throws IOException {
        int known = in.readUnsignedByte();
        if (known == NO_TYPE) {
            return null;
        }
        if (known != OTHER_TYPE && known >= TYPES.size()) {
            throw new IOException("media type number " + known);
        }
        return known == OTHER_TYPE ? text(in) : TYPES.get(known);
    }

    private static void offer(Offer offer, DataOutputStream out) throws IOException {
        Refusal refusal = offer.refusal();
        if (refusal == null) {
            digest(java.util.Objects.requireNonNull(offer.digest()), out);
        } else {
            out.writeByte(REFUSED);
            text(refusal.reason().name(), out);
            text(refusal.message(), out);
        }
    }

    private static Offer offer(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        return kind == REFUSED
                ? Offer.refused(new Refusal(RefusalReason.valueOf(text(in)), text(in)))
                : Offer.of(digest(kind, in));
    }

    private static void digest(Digest digest, DataOutputStream out) throws IOException {
        if (digest.algorithm().equals("sha256")) {
            out.writeByte(SHA256);
            out.write(java.util.HexFormat.of().parseHex(digest.hex()));
        } else {
            out.writeByte(OTHER_DIGEST);
            text(digest.toString(), out);
        }
    }

    private static Digest digest(int kind, DataInputStream in) throws IOException {
        if (kind == SHA256) {
            byte[] hash = new byte[SHA256_BYTES];
            in.readFully(hash);
            return new Digest("sha256", java.util.HexFormat.of().formatHex(hash));
        }
        if (kind != OTHER_DIGEST) {
            throw new IOException("digest of kind " + kind);
        }
        return Digest.parse(text(in));
    }

    /** Not {@link DataOutputStream#writeUTF}: a refusal's message may be longer than that can hold. */
    private static void text(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("text of " + length + " bytes");
        }
        return new String(in.readNBytes(length), java.nio.charset.StandardCharsets.UTF_8);
    }
}
