package dev.precast.converter.jws;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A private key that signs manifests: RSA of 2048 bits or more (RS256), or EC on P-256, P-384 or P-521 (ES256, ES384, ES512),
 * as libtrust chooses them ({@code rsa_key.go}, {@code ec_key.go}). The same key, payload and time give the same signature:
 * PKCS #1 v1.5 has no randomness, EC takes its nonce from RFC 6979. RSA is computed by whatever provider the platform prefers,
 * and by a native one if it is there ({@link NativeCrypto}). Immutable but for a count, and thread-safe; never shows the private half.
 */
public final class SigningKey {
    private static final long ALWAYS_CHECKED = 16;
    private static final long CHECKED_EVERY = 32;
    private static final long CHECKED_EVERY_NATIVELY = 8;
    private static final byte[] PROBE = "precast".getBytes(StandardCharsets.US_ASCII);

    private final String keyId;
    private final JWSAlgorithm algorithm;
    private final JWK publicJwk;
    private final PublicKey publicKey;
    private final PrivateKey privateKey;
    private final JWSSigner signer;
    private final Map<String, String> headerJwk;
    private final AtomicLong signatures = new AtomicLong();

    private SigningKey(JWK jwk, JWSAlgorithm algorithm, PublicKey publicKey, PrivateKey privateKey, JWSSigner signer) {
        this.keyId = KeyId.of(publicKey);
        this.algorithm = algorithm;
        this.publicJwk = PublicKeys.bare(jwk, keyId);
        this.publicKey = publicKey;
        this.privateKey = privateKey;
        this.signer = signer;
        this.headerJwk = PublicKeys.headerMembers(publicJwk);
    }

    /** RSA with 2048 bits. */
    public static SigningKey generateRsa(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(PublicKeys.MIN_RSA_BITS, random);
            KeyPair pair = generator.generateKeyPair();
            return of(new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                    .privateKey(pair.getPrivate())
                    .build());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has RSA", e);
        }
    }

    /** EC on P-256. */
    public static SigningKey generateEc(SecureRandom random) {
        return generateEc(Curve.P_256, random);
    }

    static SigningKey generateEc(Curve curve, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve.getStdName()), random);
            KeyPair pair = generator.generateKeyPair();
            return of(new ECKey.Builder(curve, (ECPublicKey) pair.getPublic())
                    .privateKey(pair.getPrivate())
                    .build());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java platform lacks elliptic curve " + curve, e);
        }
    }

    /**
     * Takes a private JWK; of its members only the key material counts.
     *
     * @throws KeyException if the key is public, weak, of another kind, or its halves do not belong together; the message says
     *     what was found and what is expected, without the place it came from
     */
    static SigningKey of(JWK jwk) throws KeyException {
        PublicKeys.requireStrong(jwk);
        if (!jwk.isPrivate()) {
            throw new KeyException("found a public key, expected a private key");
        }
        if (jwk instanceof RSAKey rsa && rsa.getFirstPrimeFactor() == null) {
            throw new KeyException("found an RSA key without its primes, expected p, q, dp, dq and qi");
        }
        try {
            SigningKey key;
            if (jwk instanceof RSAKey rsa) {
                PrivateKey privateKey = rsa.toPrivateKey();
                key = new SigningKey(rsa, JWSAlgorithm.RS256, rsa.toRSAPublicKey(), privateKey, rsaSigner(privateKey));
            } else {
                ECKey ec = jwk.toECKey();
                DeterministicEcSigner signer = new DeterministicEcSigner(ec);
                key = new SigningKey(
                        ec, signer.supportedECDSAAlgorithm(), ec.toECPublicKey(), ec.toECPrivateKey(), signer);
            }
            key.requireMatchingHalves();
            return key;
        } catch (JOSEException | RuntimeException e) {
            throw new KeyException("found a damaged key, expected one whose parts fit together");
        }
    }

    /** The same key with something else in the signer's place, whatever that gives. */
    SigningKey with(JWSSigner other) {
        return new SigningKey(publicJwk, algorithm, publicKey, privateKey, other);
    }

    private static JWSSigner rsaSigner(PrivateKey key) {
        Optional<Provider> fast = NativeCrypto.provider();
        RSASSASigner signer = new RSASSASigner(
                fast.map(provider -> NativeCrypto.ownForm(key, provider)).orElse(key));
        fast.ifPresent(signer.getJCAContext()::setProvider);
        return signer;
    }

    /** libtrust's key id, see {@link KeyId}. */
    public String keyId() {
        return keyId;
    }

    /** {@code RS256}, {@code ES256}, {@code ES384} or {@code ES512}. */
    public String algorithm() {
        return algorithm.getName();
    }

    /** The public half, with the key id as its {@code kid} and nothing else besides the key material. */
    public JWK publicJwk() {
        return publicJwk;
    }

    PublicKey publicKey() {
        return publicKey;
    }

    PrivateKey privateKey() {
        return privateKey;
    }

    /** The members of the header's {@code jwk} in libtrust's order: by name. */
    Map<String, String> headerJwk() {
        return headerJwk;
    }

    Base64URL sign(byte[] signingInput) {
        try {
            return signer.sign(new JWSHeader(algorithm), signingInput);
        } catch (JOSEException e) {
            throw new IllegalStateException("Cannot sign with key " + keyId + ": " + e.getMessage(), e);
        }
    }

    /** By what a new signature is verified before it is used. */
    enum Check {
        /** The platform's own code, which has not signed it unless it is RSA without a native provider. */
        BY_PLATFORM,
        /** The native provider. */
        NATIVELY,
        NONE
    }

    /**
     * What the next signature needs: the first ones by a key in a process the platform's opinion. After that every RSA signature is
     * verified by the cheapest means, since a faulty one can betray the key; of EC every 8th by the native provider, for half the
     * price of signing, or every 32nd by the platform, for twelve times the price.
     */
    Check nextCheck() {
        long count = signatures.getAndIncrement();
        if (count < ALWAYS_CHECKED) {
            return Check.BY_PLATFORM;
        }
        boolean natively = NativeCrypto.provider().isPresent();
        long every = natively ? CHECKED_EVERY_NATIVELY : CHECKED_EVERY;
        if (!algorithm.equals(JWSAlgorithm.RS256) && count % every != 0) {
            return Check.NONE;
        }
        return natively ? Check.NATIVELY : Check.BY_PLATFORM;
    }

    private void requireMatchingHalves() throws KeyException {
        if (!ManifestSigner.matches(this, PROBE, sign(PROBE))) {
            throw new KeyException("found a private and a public half that do not belong together, expected one key");
        }
    }

    @Override
    public String toString() {
        return keyId;
    }
}
