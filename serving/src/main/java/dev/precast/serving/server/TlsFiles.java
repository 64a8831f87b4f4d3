package dev.precast.serving.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that the server shows, from PEM files that are read again when their content changes. A change that cannot be
 * used is logged, and the certificate in force stays. Connections that are open keep theirs. For one thread.
 */
public final class TlsFiles {
    private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
    private static final String ALIAS = "precast";

    private final Path certificate;
    private final Path key;
    private final SslContextFactory.Server context = new SslContextFactory.Server();
    private byte[] lastCertificate;
    private byte[] lastKey;

    /** @throws IOException if the files cannot be read, or are no certificate and its key */
    public TlsFiles(Path certificate, Path key) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.lastCertificate = Files.readAllBytes(certificate);
        this.lastKey = Files.readAllBytes(key);
        context.setKeyStorePassword("");
        context.setKeyStore(load(lastCertificate, lastKey));
        context.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        context.setSniRequired(false);
        context.setUseCipherSuitesOrder(true);
    }

    /** What Jetty's connector takes; it changes in place. */
    public SslContextFactory.Server context() {
        return context;
    }

    /** Reads the files again if they are not what they were. */
    public void refresh() {
        try {
            byte[] newCertificate = Files.readAllBytes(certificate);
            byte[] newKey = Files.readAllBytes(key);
            if (Arrays.equals(newCertificate, lastCertificate) && Arrays.equals(newKey, lastKey)) {
                return;
            }
            // Whatever comes of it, it is not tried again: two files are not written at one moment.
            lastCertificate = newCertificate;
            lastKey = newKey;
            KeyStore store = load(newCertificate, newKey);
            context.reload(factory -> factory.setKeyStore(store));
            LOG.info("The certificate {} was read again and is in force.", certificate);
        } catch (Exception e) {
            LOG.warn("The certificate in force stays: {}", e.getMessage());
        }
    }

    private KeyStore load(byte[] certificatePem, byte[] keyPem) throws IOException {
        try {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificatePem))
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new IOException("Cannot use " + certificate + ": found no certificate, expected a PEM chain.");
            }
            PrivateKey privateKey = privateKey(keyPem);
            requireSameKey(chain[0], privateKey);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(ALIAS, privateKey, new char[0], chain);
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "Cannot use " + certificate + " with " + key + ": " + e.getMessage()
                            + ". Check that both are PEM files and belong together.",
                    e);
        }
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

    private void requireSameKey(Certificate own, PrivateKey privateKey) throws GeneralSecurityException {
        if (!own.getPublicKey().getAlgorithm().equals(privateKey.getAlgorithm())) {
            throw new GeneralSecurityException("the key is of another kind than the certificate's");
        }
        java.security.Signature signature = java.security.Signature.getInstance(
                privateKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
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
