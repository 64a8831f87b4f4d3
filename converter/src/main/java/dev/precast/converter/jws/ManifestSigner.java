package dev.precast.converter.jws;

import com.nimbusds.jose.util.Base64URL;
import dev.precast.converter.jws.SignatureBlock.Entry;
import dev.precast.converter.jws.SigningKey.Check;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Signature;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Signs the payload of a schema 1 manifest as libtrust does ({@code jsonsign.go}, Sign and PrettySignature, vendored in
 * distribution v2.8.3). Pure and thread-safe: the same payload, keys and time give the same bytes.
 */
public final class ManifestSigner {
    private static final Map<String, String> JCA_NAMES = Map.of(
            "RS256", "SHA256withRSA",
            "ES256", "SHA256withECDSAinP1363Format",
            "ES384", "SHA384withECDSAinP1363Format",
            "ES512", "SHA512withECDSAinP1363Format");

    private ManifestSigner() {}

    /**
     * The signed manifest: the payload with a {@code signatures} member before its last brace.
     *
     * @param payload a JSON object with at least one member, indented or not
     * @param keys one or more; their order does not matter
     * @param time when the image was observed; written in UTC, seconds
     * @throws IllegalStateException if a signature was looked at a second time, see {@link SigningKey#nextCheck}, and does not
     *     hold
     */
    public static byte[] sign(byte[] payload, List<SigningKey> keys, Instant time) {
        return sign(payload, keys, time, false);
    }

    /**
     * As {@link #sign}, and checks every signature before it gives anything out, whether it is due or not. RATIONALE.md says why
     * not every signature is.
     *
     * @throws IllegalStateException if a signature does not hold
     */
    public static byte[] signChecked(byte[] payload, List<SigningKey> keys, Instant time) {
        return sign(payload, keys, time, true);
    }

    private static byte[] sign(byte[] payload, List<SigningKey> keys, Instant time, boolean checked) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("Cannot sign a manifest without a key.");
        }
        int formatLength = formatLength(payload);
        String protectedHeader = protectedHeader(payload, formatLength, time);
        byte[] input = signingInput(protectedHeader, payload);
        List<Entry> entries = new ArrayList<>(keys.size());
        for (SigningKey key : keys) {
            Base64URL signature = key.sign(input);
            Check check = checked ? Check.BY_PLATFORM : key.nextCheck();
            if (check != Check.NONE && !matches(key, input, signature, check == Check.NATIVELY)) {
                throw new IllegalStateException("Cannot publish a signature by key " + key.keyId()
                        + ": found one that does not verify, expected a valid one.");
            }
            entries.add(new Entry(key.headerJwk(), key.algorithm(), signature.toString(), protectedHeader));
        }
        // libtrust sorts so too: jsSignaturesSorted, by key id and then by signature.
        entries.sort(Comparator.comparing(Entry::keyId).thenComparing(Entry::signature));
        return SignatureBlock.append(payload, formatLength, entries);
    }

    /** Whether the platform's own cryptography takes {@code signature} for one by {@code key} over {@code input}. */
    static boolean matches(SigningKey key, byte[] input, Base64URL signature) {
        return matches(key, input, signature, false);
    }

    private static boolean matches(SigningKey key, byte[] input, Base64URL signature, boolean natively) {
        try {
            Signature verifier = verifier(key.algorithm(), natively);
            verifier.initVerify(key.publicKey());
            verifier.update(input);
            return verifier.verify(signature.decode());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static Signature verifier(String algorithm, boolean natively) throws NoSuchAlgorithmException {
        String name = JCA_NAMES.get(algorithm);
        Optional<Provider> fast = natively ? NativeCrypto.provider() : Optional.empty();
        if (fast.isPresent() && fast.get().getService("Signature", name) != null) {
            return Signature.getInstance(name, fast.get());
        }
        return Signature.getInstance(name);
    }

    static byte[] signingInput(String protectedHeader, byte[] payload) {
        byte[] header = protectedHeader.getBytes(StandardCharsets.ISO_8859_1);
        byte[] encoded = Base64.getUrlEncoder().withoutPadding().encode(payload);
        byte[] input = Arrays.copyOf(header, header.length + 1 + encoded.length);
        input[header.length] = '.';
        System.arraycopy(encoded, 0, input, header.length + 1, encoded.length);
        return input;
    }

    /** Bytes before the white space and the brace that close the payload. */
    private static int formatLength(byte[] payload) {
        int close = lastNonSpace(payload, payload.length);
        int last = close < 0 ? -1 : lastNonSpace(payload, close);
        if (last < 1 || payload[close] != '}' || payload[last] == ',') {
            throw new IllegalArgumentException("Cannot sign a payload that is not a JSON object with a member.");
        }
        return last + 1;
    }

    private static int lastNonSpace(byte[] bytes, int end) {
        int i = end - 1;
        while (i >= 0 && (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t')) {
            i--;
        }
        return i;
    }

    private static String protectedHeader(byte[] payload, int formatLength, Instant time) {
        String tail = Base64URL.encode(Arrays.copyOfRange(payload, formatLength, payload.length))
                .toString();
        return Base64URL.encode("{\"formatLength\":" + formatLength + ",\"formatTail\":\"" + tail + "\",\"time\":\""
                        + time.truncatedTo(ChronoUnit.SECONDS) + "\"}")
                .toString();
    }
}
