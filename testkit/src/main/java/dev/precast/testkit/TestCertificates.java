package dev.precast.testkit;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate with its key, made on the spot: an authority, or what one has issued. Immutable. */
public final class TestCertificates {
    private static final AtomicLong SERIAL = new AtomicLong(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final X509Certificate certificate;
    private final KeyPair pair;

    private TestCertificates(X509Certificate certificate, KeyPair pair) {
        this.certificate = certificate;
        this.pair = pair;
    }

    /** Signed by itself. */
    public static TestCertificates authority(String name) {
        KeyPair pair = newPair();
        X500Name subject = new X500Name("CN=" + name);
        return new TestCertificates(
                make(subject, pair, subject, pair, true, Instant.now().plus(DAY)), pair);
    }

    /** @param name the common name, and the DNS name */
    public TestCertificates issue(String name) {
        return issue(name, Instant.now().plus(DAY));
    }

    /** As above, but it was good until an hour ago. */
    public TestCertificates issueExpired(String name) {
        return issue(name, Instant.now().minus(Duration.ofHours(1)));
    }

    private TestCertificates issue(String name, Instant until) {
        KeyPair fresh = newPair();
        X500Name issuer =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        return new TestCertificates(make(new X500Name("CN=" + name), fresh, issuer, pair, false, until), fresh);
    }

    public String pem() {
        return pem(certificate);
    }

    /** Both as PEM, the key as PKCS#8. */
    public void write(Path certificateFile, Path keyFile) throws IOException {
        Files.writeString(certificateFile, pem());
        Files.writeString(keyFile, pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
    }

    /** With the certificate as an authority. */
    public KeyStore trustStore() throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        store.setCertificateEntry("authority", certificate);
        return store;
    }

    /** With the certificate and its key, without a password. */
    public KeyStore keyStore() throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        store.setKeyEntry("own", pair.getPrivate(), new char[0], new Certificate[] {certificate});
        return store;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has EC", e);
        }
    }

    private static X509Certificate make(
            X500Name subject, KeyPair own, X500Name issuer, KeyPair signer, boolean authority, Instant until) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer,
                    BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(until.minus(DAY.multipliedBy(2))),
                    Date.from(until),
                    subject,
                    own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!authority) {
                String name = subject.toString().substring("CN=".length());
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("Cannot make a certificate", e);
        }
    }

    private static String pem(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new IllegalStateException("Cannot write PEM", e);
        }
        return text.toString();
    }
}
