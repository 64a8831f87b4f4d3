package dev.precast.schemas.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's certificate chain and key, and the authorities whose certificates its clients must show: PEM files that are read again
 * when their content changes. A change that cannot be used is logged, and what is in force stays. For one thread.
 */
public final class PemFiles {
    private static final Logger LOG = LoggerFactory.getLogger(PemFiles.class);
    private static final String ALIAS = "precast";

    private final Path certificate;
    private final Path key;
    private final @Nullable Path authorities;
    private List<byte[]> last;
    private Stores stores;

    /**
     * What the files hold.
     *
     * @param own chain and key, without a password
     * @param authorities absent when clients need no certificate
     */
    public record Stores(KeyStore own, Optional<KeyStore> authorities) {}

    /**
     * @param certificate the server's own first, then the intermediate ones
     * @param key PKCS#8, PKCS#1 or SEC1, not encrypted
     * @param authorities of clients' certificates; absent when they need none
     * @throws IOException if the files cannot be read, or are no certificate and its key, or hold no authority
     */
    public PemFiles(Path certificate, Path key, @Nullable Path authorities) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.authorities = authorities;
        this.last = read();
        this.stores = load(last);
    }

    /** As last read. */
    public Stores stores() {
        return stores;
    }

    /** What is new; empty if the files are what they were, or cannot be used. */
    public Optional<Stores> refresh() {
        try {
            List<byte[]> now = read();
            if (Arrays.deepEquals(now.toArray(), last.toArray())) {
                return Optional.empty();
            }
            // Whatever comes of it, it is not tried again: two files are not written at one moment.
            last = now;
            stores = load(now);
            LOG.info("The certificate {} was read again.", certificate);
            return Optional.of(stores);
        } catch (IOException | RuntimeException e) {
            LOG.warn("The certificate in force stays: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private List<byte[]> read() throws IOException {
        List<byte[]> contents = new ArrayList<>(List.of(Files.readAllBytes(certificate), Files.readAllBytes(key)));
        if (authorities != null) {
            contents.add(Files.readAllBytes(authorities));
        }
        return contents;
    }

    private Stores load(List<byte[]> contents) throws IOException {
        KeyStore own = own(contents.get(0), contents.get(1));
        return new Stores(
                own, authorities == null ? Optional.empty() : Optional.of(trusted(authorities, contents.get(2))));
    }

    private KeyStore own(byte[] certificatePem, byte[] keyPem) throws IOException {
        try {
            Certificate[] chain = certificates(certificate, certificatePem);
            PrivateKey privateKey = privateKey(keyPem);
            requireSameKey(chain[0], privateKey);
            KeyStore store = empty();
            store.setKeyEntry(ALIAS, privateKey, new char[0], chain);
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "Cannot use " + certificate + " with " + key + ": " + e.getMessage()
                            + ". Check that both are PEM files and belong together.",
                    e);
        }
    }

    private static KeyStore trusted(Path file, byte[] pem) throws IOException {
        try {
            KeyStore store = empty();
            for (Certificate authority : certificates(file, pem)) {
                store.setCertificateEntry(ALIAS + store.size(), authority);
            }
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "Cannot use " + file + ": " + e.getMessage() + ". Check that it holds certificates as PEM.", e);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Certificate[] certificates(Path file, byte[] pem) throws GeneralSecurityException, IOException {
        Certificate[] found = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem))
                .toArray(Certificate[]::new);
        if (found.length == 0) {
            throw new IOException("Cannot use " + file + ": found no certificate, expected PEM certificates.");
        }
        return found;
    }

    private PrivateKey privateKey(byte[] pem) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(new String(pem, StandardCharsets.ISO_8859_1)))) {
            for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
                if (next instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
                if (next instanceof PrivateKeyInfo info) {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                }
            }
        }
        throw new IOException("Cannot use " + key
                + ": found no private key, expected PEM without a password. Convert it with openssl pkcs8.");
    }

    private static void requireSameKey(Certificate own, PrivateKey privateKey) throws GeneralSecurityException {
        if (!own.getPublicKey().getAlgorithm().equals(privateKey.getAlgorithm())) {
            throw new GeneralSecurityException("the key is of another kind than the certificate's");
        }
        Signature signature =
                Signature.getInstance(privateKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
        byte[] probe = {1};
        signature.initSign(privateKey);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(own.getPublicKey());
        signature.update(probe);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is not the certificate's");
        }
    }
}
