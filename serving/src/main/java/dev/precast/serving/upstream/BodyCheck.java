package dev.precast.serving.upstream;

import dev.precast.schemas.image.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** Takes the digest of a body as it goes by. For one body, one thread at a time. */
public final class BodyCheck {
    private final Digest expected;
    private final MessageDigest hasher;

    public BodyCheck(Digest expected) {
        this.expected = expected;
        this.hasher = expected.newHasher();
    }

    /** Takes a piece in; the buffers stay as they are. */
    public void update(List<ByteBuffer> buffers) {
        buffers.forEach(this::update);
    }

    /** Takes a piece in; the buffer stays as it is. */
    public void update(ByteBuffer buffer) {
        hasher.update(buffer.duplicate());
    }

    /** @throws UpstreamException if what went by does not have the digest */
    public void finish() throws UpstreamException {
        String found = HexFormat.of().formatHex(hasher.digest());
        if (!found.equals(expected.hex())) {
            throw new UpstreamException(
                    "digest",
                    "The upstream's answer is not what was asked for: found " + expected.algorithm() + ":" + found
                            + ", expected " + expected,
                    new IOException("digest"));
        }
    }
}
