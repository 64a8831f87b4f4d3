package dev.precast.schemas.schema1;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A signed schema 1 manifest taken apart: the exact bytes that were signed, and the signatures, none of them checked yet. The
 * payload is cut out by {@code formatLength} and {@code formatTail} (libtrust {@code jsonsign.go}, vendored in distribution
 * v2.8.3), never made from re-parsed JSON, so its digest is the one that clients compare. Immutable and thread-safe.
 */
public final class PrettyJws {
    /** libtrust writes one entry per key; more than this is nobody's rotation. */
    private static final int MAX_SIGNATURES = 32;

    private static final String MEMBER = "signatures";

    /**
     * One entry of the block.
     *
     * @param header the unprotected header: {@code jwk} or {@code x5c}, and {@code alg}; anyone may have changed it
     * @param protectedHeader as in the document, base64url: the first half of the signing input
     * @param signature as in the document, base64url
     */
    public record Entry(JsonNode header, String protectedHeader, String signature) {}

    private record Format(int length, String tail) {}

    private final byte[] payload;
    private final List<Entry> entries;
    private final boolean extraMembers;

    private PrettyJws(byte[] payload, List<Entry> entries, boolean extraMembers) {
        this.payload = payload;
        this.entries = List.copyOf(entries);
        this.extraMembers = extraMembers;
    }

    /**
     * Takes a schema 1 manifest apart.
     *
     * @return empty when the manifest has no {@code signatures}, so that all its bytes are the payload
     * @throws RefusedException {@code MALFORMED_MANIFEST} for what is no JSON object, for broken signatures and for signatures
     *     that disagree on the payload; {@code AMBIGUOUS_JSON} for a second {@code signatures} and for duplicate keys in the
     *     payload; {@code NOT_UTF8}; {@code TOO_LARGE}
     */
    public static Optional<PrettyJws> read(byte[] manifest) throws RefusedException {
        if (manifest.length > Limits.MAX_RECORD_BYTES) {
            throw new RefusedException(
                    RefusalReason.TOO_LARGE,
                    "The manifest has " + manifest.length + " bytes, at most " + Limits.MAX_RECORD_BYTES
                            + " are read.");
        }
        StrictJson.requireUtf8(manifest, "manifest");
        List<Member> members = Member.scan(manifest);
        Optional<Member> signatures = onlySignatures(members);
        if (signatures.isEmpty()) {
            return Optional.empty();
        }
        byte[] block = Arrays.copyOfRange(
                manifest, signatures.get().valueStart(), signatures.get().valueEnd());
        List<Entry> entries = entries(StrictJson.read(block, "signatures block", RefusalReason.MALFORMED_MANIFEST));
        Format format = format(entries, manifest.length);
        byte[] payload = payload(manifest, format);
        Member.requireUnambiguous(payload);
        return Optional.of(new PrettyJws(
                payload, entries, !onlySignaturesFollow(manifest, members, signatures.get(), format.length())));
    }

    /** The digest that clients call {@code manifest} by: of its payload when it is signed, of all its bytes when not. */
    public static Digest digest(byte[] manifest) throws RefusedException {
        return read(manifest).map(PrettyJws::payloadDigest).orElseGet(() -> Digest.sha256(manifest));
    }

    /** The bytes that were signed; the caller's own copy. */
    public byte[] payload() {
        return payload.clone();
    }

    /** SHA-256 of the payload. */
    public Digest payloadDigest() {
        return Digest.sha256(payload);
    }

    /** In the order of the document; one or more. */
    public List<Entry> entries() {
        return entries;
    }

    /**
     * Whether a plain JSON reader of the whole document sees anything besides the payload's members and {@code signatures},
     * which nobody signed (CVE-2014-8179).
     */
    public boolean extraMembers() {
        return extraMembers;
    }

    private static Optional<Member> onlySignatures(List<Member> members) throws RefusedException {
        List<Member> found = new ArrayList<>();
        for (Member member : members) {
            if (StrictJson.fold(member.name()).equals(MEMBER)) {
                found.add(member);
            }
        }
        if (found.size() > 1 || (found.size() == 1 && !found.get(0).name().equals(MEMBER))) {
            throw new RefusedException(
                    RefusalReason.AMBIGUOUS_JSON,
                    "The manifest has " + found.size()
                            + " keys that some reader takes for \"signatures\", expected one," + " written so.");
        }
        return found.stream().findFirst();
    }

    private static List<Entry> entries(JsonNode block) throws RefusedException {
        if (!block.isArray() || block.isEmpty() || block.size() > MAX_SIGNATURES) {
            throw malformed("The manifest's signatures are "
                    + (block.isArray() ? block.size() + " entries" : "no array") + ", expected 1 to " + MAX_SIGNATURES
                    + " entries.");
        }
        List<Entry> entries = new ArrayList<>(block.size());
        for (JsonNode node : block) {
            JsonNode header = node.path("header");
            JsonNode protectedHeader = node.path("protected");
            JsonNode signature = node.path("signature");
            if (!header.isObject() || !protectedHeader.isTextual() || !signature.isTextual()) {
                throw malformed("The manifest's signature " + entries.size()
                        + " lacks header, protected or signature in the expected form.");
            }
            entries.add(new Entry(header, protectedHeader.textValue(), signature.textValue()));
        }
        return entries;
    }

    /** All signatures of one document cover the same payload (libtrust {@code jsonsign.go}, ParsePrettySignature). */
    private static Format format(List<Entry> entries, int documentLength) throws RefusedException {
        Format first = format(entries.get(0), documentLength);
        for (Entry entry : entries) {
            Format other = format(entry, documentLength);
            if (!other.equals(first)) {
                throw malformed("The manifest's signatures disagree on the payload: found formatLength "
                        + first.length() + " and " + other.length() + ", expected the same length and tail in all.");
            }
        }
        return first;
    }

    private static Format format(Entry entry, int documentLength) throws RefusedException {
        JsonNode header = StrictJson.read(
                decode(entry.protectedHeader(), "protected header"),
                "protected header",
                RefusalReason.MALFORMED_MANIFEST);
        JsonNode length = header.path("formatLength");
        JsonNode tail = header.path("formatTail");
        if (!length.isInt() || length.intValue() < 1 || length.intValue() >= documentLength || !tail.isTextual()) {
            throw malformed("The manifest's protected header has no formatLength within the manifest and formatTail.");
        }
        byte[] tailBytes = decode(tail.textValue(), "formatTail");
        String text = new String(tailBytes, StandardCharsets.ISO_8859_1);
        if (!text.strip().equals("}")) {
            throw malformed("The manifest's formatTail is not the end of a JSON object.");
        }
        return new Format(length.intValue(), text);
    }

    private static byte[] payload(byte[] manifest, Format format) {
        byte[] tail = format.tail().getBytes(StandardCharsets.ISO_8859_1);
        byte[] payload = Arrays.copyOf(manifest, format.length() + tail.length);
        System.arraycopy(tail, 0, payload, format.length(), tail.length);
        return payload;
    }

    /**
     * The payload is valid and ends in one brace, so the prefix ends inside the top-level object. What follows it must be a
     * comma (a digit would lengthen the payload's last number) and the one member.
     */
    private static boolean onlySignaturesFollow(
            byte[] manifest, List<Member> members, Member signatures, int formatLength) {
        int next = formatLength;
        while (next < manifest.length && isSpace(manifest[next])) {
            next++;
        }
        long following =
                members.stream().filter(m -> m.nameStart() >= formatLength).count();
        return next < manifest.length
                && manifest[next] == ','
                && following == 1
                && signatures.nameStart() >= formatLength;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static byte[] decode(String text, String what) throws RefusedException {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw malformed("The manifest's " + what + " is not base64url.");
        }
    }

    private static RefusedException malformed(String message) {
        return new RefusedException(RefusalReason.MALFORMED_MANIFEST, message);
    }
}
