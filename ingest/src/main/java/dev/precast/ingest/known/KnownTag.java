package dev.precast.ingest.known;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * What is remembered of one tag of the image table.
 *
 * @param root what the tag points to; {@link Fingerprint#NONE} while nobody knows
 * @param content all that the record says, apart from version and time; {@link Fingerprint#NONE} while nobody knows
 * @param others first 64 bits of the children's digests, then of the roots that the tag had before, newest first
 * @param certain false when what the record says may have been garbled on the way, such as most refusals: the sweep has it looked at
 *     again, whatever the root is
 */
@SuppressWarnings("ArrayRecordComponent") // Never changed, never compared; a list of boxes would cost thrice as much.
public record KnownTag(Fingerprint root, Fingerprint content, long[] others, boolean certain) {
    /** Of which nothing is known but that there may be a record. */
    static final KnownTag UNKNOWN = new KnownTag(Fingerprint.NONE, Fingerprint.NONE, new long[0], false);

    /** The header of image records that carries all this, so that the table is read without parsing its records. */
    public static final String HEADER = "precast-known";

    /** Of the children: a list of more platforms than this does not exist; of the former roots beside them. */
    private static final int MAX_CHILDREN = 64;

    private static final int MAX_FORMER = 4;
    private static final int HEX = 16;
    /** Ends the header of what is not certain: so a reader that does not know it takes the whole for none and reads the record. */
    private static final String DOUBT = "?";

    /** @param content digest of the record without version and time */
    public static KnownTag of(ImageRecord record, Digest content, boolean certain) {
        List<Blob> children = record.children();
        long[] others = children.stream()
                .limit(MAX_CHILDREN)
                .mapToLong(child -> Fingerprint.of(child.digest()).high())
                .toArray();
        return new KnownTag(Fingerprint.of(record.rootDigest()), Fingerprint.of(content), others, certain);
    }

    /** The same tag after {@code before}: it also mentions what that pointed to. */
    KnownTag after(KnownTag before) {
        LongStream former = LongStream.concat(LongStream.of(before.root.high()), Arrays.stream(before.others))
                .filter(one -> one != 0 && one != root.high())
                .filter(one -> Arrays.stream(others).noneMatch(other -> other == one))
                .limit(MAX_FORMER);
        return new KnownTag(
                root, content, LongStream.concat(Arrays.stream(others), former).toArray(), certain);
    }

    /** The same, where it is unknown which of two records the table has: the next one is written whatever it says. */
    KnownTag unsure() {
        return new KnownTag(Fingerprint.NONE, Fingerprint.NONE, others, certain);
    }

    public boolean pointsTo(Digest digest) {
        return root.equals(Fingerprint.of(digest));
    }

    /** Whether the tag points to the digest, or did lately, or to a list that names it. */
    public boolean mentions(Digest digest) {
        long wanted = Fingerprint.of(digest).high();
        return root.high() == wanted || Arrays.stream(others).anyMatch(other -> other == wanted);
    }

    /** Puts it where {@link #read} finds it. */
    public void put(Headers headers) {
        StringBuilder text = new StringBuilder().append(root).append(content);
        for (long other : others) {
            text.append(String.format("%016x", other));
        }
        text.append(certain ? "" : DOUBT);
        headers.remove(HEADER);
        headers.add(HEADER, text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** Empty when there is no such header, or it is none of ours. */
    public static Optional<KnownTag> read(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        if (header == null || header.value() == null) {
            return Optional.empty();
        }
        String whole = new String(header.value(), StandardCharsets.US_ASCII);
        boolean certain = !whole.endsWith(DOUBT);
        String text = certain ? whole : whole.substring(0, whole.length() - DOUBT.length());
        if (text.length() < 4 * HEX || text.length() % HEX != 0) {
            return Optional.empty();
        }
        try {
            long[] others = new long[text.length() / HEX - 4];
            for (int i = 0; i < others.length; i++) {
                int at = (i + 4) * HEX;
                others[i] = Long.parseUnsignedLong(text, at, at + HEX, 16);
            }
            return Optional.of(
                    new KnownTag(Fingerprint.parse(text), Fingerprint.parse(text.substring(2 * HEX)), others, certain));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
