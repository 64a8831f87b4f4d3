package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.precast.schemas.image.Digest;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A manifest of the view, its bytes checked. Immutable and thread-safe, but see {@link #holdOn}. */
public final class StoredManifest {
    private final Digest digest;
    private final String mediaType;
    private final @Nullable Digest from;
    private final ByteBuffer content;
    private final @Nullable HotFile lender;
    private volatile @Nullable Object rendering;

    /** @param content from its first byte to its limit; nobody else reads or writes it */
    StoredManifest(Digest digest, String mediaType, @Nullable Digest from, ByteBuffer content) {
        this(digest, mediaType, from, content, null);
    }

    private StoredManifest(
            Digest digest, String mediaType, @Nullable Digest from, ByteBuffer content, @Nullable HotFile lender) {
        this.digest = digest;
        this.mediaType = mediaType;
        this.from = from;
        this.content = content;
        this.lender = lender;
    }

    /**
     * One that {@link #bytes} wrote.
     *
     * @param bytes lent by {@code lender}
     */
    static StoredManifest of(ByteBuffer bytes, HotFile lender) {
        String mediaType = text(bytes);
        Digest digest = Digest.parse(text(bytes));
        String source = text(bytes);
        Digest from = source.isEmpty() ? null : Digest.parse(source);
        return new StoredManifest(digest, mediaType, from, bytes.slice(), lender);
    }

    /** Everything of this manifest: media type, digest and source, each 2 bytes of length and the text, and the content. */
    ByteBuffer bytes() {
        byte[] type = mediaType.getBytes(US_ASCII);
        byte[] name = digest.toString().getBytes(US_ASCII);
        byte[] source = from == null ? new byte[0] : from.toString().getBytes(US_ASCII);
        return ByteBuffer.allocate(3 * Short.BYTES + type.length + name.length + source.length + length())
                .putShort((short) type.length)
                .put(type)
                .putShort((short) name.length)
                .put(name)
                .putShort((short) source.length)
                .put(source)
                .put(buffer())
                .flip();
    }

    private static String text(ByteBuffer bytes) {
        byte[] text = new byte[bytes.getShort()];
        bytes.get(text);
        return new String(text, US_ASCII);
    }

    /** What clients call it by; for signed schema 1 the digest of the payload. */
    public Digest digest() {
        return digest;
    }

    public String mediaType() {
        return mediaType;
    }

    /** Digest of the stored manifest that it was built from; absent when it is a stored manifest itself. */
    public @Nullable Digest from() {
        return from;
    }

    /** Bytes of the content. */
    public int length() {
        return content.remaining();
    }

    /** The content, not to be written into; the caller's own position and limit. */
    public ByteBuffer buffer() {
        return content.duplicate();
    }

    /**
     * The content is needed beyond the request that this thread answers now. Until then, and without this call, it is lent: it is
     * overwritten when the thread answers another.
     */
    public void holdOn() {
        if (lender != null) {
            lender.detach();
        }
    }

    /** The same with content of its own, to be kept. */
    StoredManifest lasting() {
        return lender == null
                ? this
                : new StoredManifest(
                        digest,
                        mediaType,
                        from,
                        ByteBuffer.allocate(length()).put(buffer()).flip());
    }

    /**
     * What {@code make} makes of this manifest, made once and kept with it; of one type only. Two threads may make it at the same
     * time, with the same outcome.
     */
    public <T> T rendered(Class<T> type, Function<StoredManifest, T> make) {
        Object present = rendering;
        if (present == null) {
            present = make.apply(this);
            rendering = present;
        }
        return type.cast(present);
    }
}
