package dev.precast.serving.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads trusted keys: JWK sets, single JWKs, PEM public keys and PEM certificates. Private keys are refused, not used. */
final class KeyFiles {
    private static final long MAX_BYTES = 1 << 20;
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final List<String> FAMILIES = List.of("RSA", "EC", "Ed25519");
    /** What stands before the 32 bytes of an Ed25519 key in its DER form (RFC 8410). */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final Map<String, List<TrustedKey>> byId = new HashMap<>();

    private KeyFiles() {}

    /** @throws IOException naming the file that cannot be used, and what is wrong with it */
    static TrustedKeys read(TokenConfig config) throws IOException {
        KeyFiles files = new KeyFiles();
        for (Path file : config.keys()) {
            files.keys(file);
        }
        Set<X509Certificate> roots = new HashSet<>();
        for (Path file : config.roots()) {
            for (PemBlock block : pem(file, text(file))) {
                if (!block.label().equals("CERTIFICATE")) {
                    throw unusable(file, "a " + block.label(), "certificates");
                }
                roots.add(certificate(file, block.der()));
            }
        }
        return new TrustedKeys(files.byId, roots);
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
    private record PemBlock(String label, byte[] der) {}

    private void keys(Path file) throws IOException {
        String text = text(file);
        if (text.stripLeading().startsWith("{")) {
            jwks(file, text);
            return;
        }
        for (PemBlock block : pem(file, text)) {
            switch (block.label()) {
                case "PUBLIC KEY" -> add(file, publicKey(file, block.der()), null, null);
                case "CERTIFICATE" -> add(file, certificate(file, block.der()).getPublicKey(), null, null);
                default -> throw unusable(file, "a " + block.label(), "public keys or certificates");
            }
        }
    }

    private void jwks(Path file, String text) throws IOException {
        try {
            List<JWK> all = text.contains("\"keys\"") ? JWKSet.parse(text).getKeys() : List.of(JWK.parse(text));
            for (JWK jwk : all) {
                if (jwk.isPrivate()) {
                    throw unusable(file, "a private or symmetric key", "public keys");
                }
                if (jwk.getKeyUse() == null || jwk.getKeyUse().equals(KeyUse.SIGNATURE)) {
                    String algorithm = jwk.getAlgorithm() == null
                            ? null
                            : jwk.getAlgorithm().getName();
                    add(file, publicKey(file, jwk), jwk.getKeyID(), algorithm);
                }
            }
        } catch (ParseException | JOSEException e) {
            throw new IOException(
                    "Cannot use the key file " + file + ": found " + e.getMessage() + ", expected a JWK set. Check it.",
                    e);
        }
    }

    private static PublicKey publicKey(Path file, JWK jwk) throws JOSEException, IOException {
        if (jwk instanceof OctetKeyPair pair) {
            byte[] x = pair.getDecodedX();
            byte[] der = new byte[ED25519_PREFIX.length + x.length];
            System.arraycopy(ED25519_PREFIX, 0, der, 0, ED25519_PREFIX.length);
            System.arraycopy(x, 0, der, ED25519_PREFIX.length, x.length);
            return publicKey(file, der);
        }
        if (jwk instanceof AsymmetricJWK asymmetric) {
            return asymmetric.toPublicKey();
        }
        throw unusable(file, "a key of type " + jwk.getKeyType(), "RSA, EC or Ed25519");
    }

    private void add(Path file, PublicKey key, @Nullable String id, @Nullable String algorithm) throws IOException {
        if (!TrustedKey.usable(key)) {
            throw unusable(
                    file,
                    "a weak or unknown " + key.getAlgorithm() + " key",
                    "RSA of 2048 bits or more, EC or Ed25519");
        }
        Set<String> ids = new HashSet<>(KeyIds.of(key));
        if (id != null) {
            ids.add(id);
        }
        ids.forEach(
                each -> byId.computeIfAbsent(each, none -> new ArrayList<>()).add(new TrustedKey(key, algorithm)));
    }

    private static PublicKey publicKey(Path file, byte[] der) throws IOException {
        for (String family : FAMILIES) {
            Optional<PublicKey> key = publicKey(family, der);
            if (key.isPresent()) {
                return key.get();
            }
        }
        throw unusable(file, "a public key of another kind", "RSA, EC or Ed25519");
    }

    private static Optional<PublicKey> publicKey(String family, byte[] der) {
        try {
            return Optional.of(KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(der)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static X509Certificate certificate(Path file, byte[] der) throws IOException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw unusable(file, "a damaged certificate", "an X.509 certificate");
        }
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw unusable(file, "more than 1 MiB", "keys");
        }
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private static List<PemBlock> pem(Path file, String text) throws IOException {
        List<PemBlock> blocks = new ArrayList<>();
        Matcher matcher = PEM.matcher(text);
        while (matcher.find()) {
            blocks.add(new PemBlock(matcher.group(1), der(file, matcher.group(2))));
        }
        if (blocks.isEmpty()) {
            throw unusable(file, "neither JSON nor PEM", "a JWK set, PEM public keys or PEM certificates");
        }
        return blocks;
    }

    private static byte[] der(Path file, String base64) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw unusable(file, "damaged PEM", "Base64 between its markers");
        }
    }

    private static IOException unusable(Path file, String found, String expected) {
        return new IOException("Cannot use the key file " + file + ": found " + found + ", expected " + expected
                + ". Put the public keys of the token server there.");
    }
}
