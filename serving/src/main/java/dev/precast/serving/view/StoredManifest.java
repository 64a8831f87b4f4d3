package dev.precast.serving.view;

import dev.precast.schemas.image.Digest;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A manifest of the view, its bytes checked. Immutable and thread-safe. */
public final class StoredManifest {
    private final Digest digest;
    private final String mediaType;
    private final @Nullable Digest from;
    private final byte[] value;
    private final int offset;
    private volatile @Nullable Object rendering;

    /** @param offset where in {@code value} the content starts; it ends with it */
    StoredManifest(Digest digest, String mediaType, @Nullable Digest from, byte[] value, int offset) {
        this.digest = digest;
        this.mediaType = mediaType;
        this.from = from;
        this.value = value;
        this.offset = offset;
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
        return value.length - offset;
    }

    /** The content, not to be written into; the caller's own position and limit. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(value, offset, length()).slice();
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
