package dev.precast.converter.jws;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.crypto.bc.BouncyCastleProviderSingleton;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.json.StrictJson;
import dev.precast.schemas.schema1.PrettyJws;
import java.security.KeyException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks the signatures of a schema 1 manifest over the payload as it was signed, not as it parses. The key in a signature's
 * header only says who claims to have signed; trust comes from the caller alone. Answers for every input and never throws.
 * Thread-safe.
 */
public final class ManifestVerifier {
    /** All that libtrust accepts for RSA ({@code rsa_key.go}, hash.go, vendored in distribution v2.8.3). */
    private static final Set<JWSAlgorithm> RSA_ALGORITHMS =
            Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512);

    private ManifestVerifier() {}

    /**
     * Checks {@code manifest}.
     *
     * @param trustedKeyIds ids of the trusted keys, see {@link KeyId}: they are compared with ids made from the keys in the
     *     manifest, never with what it says they are
     */
    public static Verification verify(byte[] manifest, Set<String> trustedKeyIds) {
        Optional<PrettyJws> read;
        try {
            read = PrettyJws.read(manifest);
        } catch (RefusedException e) {
            return new Verification(
                    Verdict.INVALID, null, List.of(), false, e.refusal().message());
        }
        if (read.isEmpty()) {
            return new Verification(Verdict.UNSIGNED, Digest.sha256(manifest), List.of(), false, "");
        }
        PrettyJws jws = read.get();
        byte[] payload = jws.payload();
        List<SignatureCheck> checks = jws.entries().stream()
                .map(entry -> check(entry, payload, trustedKeyIds))
                .toList();
        Verdict verdict = verdict(checks, jws.extraMembers());
        return new Verification(verdict, jws.payloadDigest(), checks, jws.extraMembers(), problem(verdict, checks));
    }

    private static Verdict verdict(List<SignatureCheck> checks, boolean extraMembers) {
        if (!checks.stream().allMatch(SignatureCheck::valid)) {
            return Verdict.INVALID;
        }
        if (extraMembers) {
            return Verdict.EXTRA_MEMBERS;
        }
        return checks.stream().anyMatch(SignatureCheck::trusted) ? Verdict.VALID_TRUSTED : Verdict.VALID_UNKNOWN_KEY;
    }

    private static String problem(Verdict verdict, List<SignatureCheck> checks) {
        return switch (verdict) {
            case INVALID ->
                checks.stream()
                        .filter(check -> !check.valid())
                        .map(SignatureCheck::problem)
                        .findFirst()
                        .orElse("");
            case EXTRA_MEMBERS -> "The manifest has members outside the signed payload, expected only \"signatures\".";
            default -> "";
        };
    }

    private static SignatureCheck check(PrettyJws.Entry entry, byte[] payload, Set<String> trustedKeyIds) {
        String algorithm = entry.header().path("alg").asText("");
        Instant time = time(entry);
        @Nullable String keyId = null;
        String problem;
        try {
            JWK key = HeaderKey.parse(entry.header());
            keyId = KeyId.of(key);
            HeaderKey.requireKeyId(entry.header(), keyId);
            problem = problem(key, algorithm, entry, payload);
        } catch (KeyException e) {
            problem = "The signature's key cannot be used: " + e.getMessage() + ".";
        } catch (JOSEException | RuntimeException e) {
            // The libraries below refuse some hostile keys with unchecked exceptions; none of them is our fault.
            problem = "The signature cannot be checked: its key or its bytes are damaged.";
        }
        boolean valid = problem.isEmpty();
        boolean trusted = valid && keyId != null && trustedKeyIds.contains(keyId);
        return new SignatureCheck(keyId, algorithm, valid, trusted, time, problem);
    }

    /** Empty when the signature holds. */
    private static String problem(JWK key, String algorithm, PrettyJws.Entry entry, byte[] payload)
            throws JOSEException {
        JWSAlgorithm declared = new JWSAlgorithm(algorithm);
        boolean fits = key instanceof ECKey ec
                ? ECDSA.resolveAlgorithm(ec.getCurve()).equals(declared)
                : RSA_ALGORITHMS.contains(declared);
        if (!fits) {
            return "The signature says alg \"" + shorten(algorithm) + "\", expected one that its "
                    + (key instanceof ECKey ec ? ec.getCurve() : key.getKeyType()) + " key signs with.";
        }
        byte[] input = ManifestSigner.signingInput(entry.protectedHeader(), payload);
        boolean holds = verifier(key).verify(new JWSHeader(declared), input, HeaderKey.decode(entry.signature()));
        return holds ? "" : "The signature does not fit the payload and the key in its header.";
    }

    private static JWSVerifier verifier(JWK key) throws JOSEException {
        if (key instanceof RSAKey rsa) {
            return new RSASSAVerifier(rsa.toRSAPublicKey());
        }
        ECDSAVerifier verifier = new ECDSAVerifier(key.toECKey());
        verifier.getJCAContext().setProvider(BouncyCastleProviderSingleton.getInstance());
        return verifier;
    }

    private static @Nullable Instant time(PrettyJws.Entry entry) {
        try {
            byte[] header = new Base64URL(entry.protectedHeader()).decode();
            JsonNode json = StrictJson.read(header, "protected header", RefusalReason.MALFORMED_MANIFEST);
            return Instant.parse(json.path("time").asText(""));
        } catch (RefusedException | DateTimeParseException e) {
            return null;
        }
    }

    private static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
