package dev.precast.e2e.tool;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/** Private keys in the four forms that operators have them in, one for each algorithm. */
public enum KeyFile {
    /** {@code BEGIN RSA PRIVATE KEY}, as {@code openssl genrsa -traditional} writes it. */
    RS256("key.pem") {
        @Override
        String text() throws GeneralSecurityException, IOException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return openSslPem(generator.generateKeyPair());
        }
    },
    /** {@code BEGIN EC PRIVATE KEY}, as {@code openssl ecparam -genkey} writes it. */
    ES256("key.pem") {
        @Override
        String text() throws GeneralSecurityException, IOException {
            // Not the platform's provider: SEC1 without the curve's name, which it would write, is of no use to anyone.
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", new BouncyCastleProvider());
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return openSslPem(generator.generateKeyPair());
        }
    },
    /** {@code BEGIN PRIVATE KEY}, as {@code openssl genpkey} writes it. */
    ES384("key.pem") {
        @Override
        String text() throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp384r1"));
            byte[] encoded = generator.generateKeyPair().getPrivate().getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
                    + "\n-----END PRIVATE KEY-----\n";
        }
    },
    /** A private JWK, as Docker's own {@code key.json}. */
    ES512("key.json") {
        @Override
        String text() throws JOSEException {
            ECKey key = new ECKeyGenerator(Curve.P_521).generate();
            return key.toJSONString();
        }
    };

    private final String fileName;

    KeyFile(String fileName) {
        this.fileName = fileName;
    }

    abstract String text() throws GeneralSecurityException, IOException, JOSEException;

    /** Writes a new key, readable by its owner alone. */
    public Path writeNew(Path folder) {
        try {
            Path file = folder.resolve(fileName);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | JOSEException e) {
            throw new IllegalStateException("Cannot make a key for " + this + ".", e);
        }
    }

    private static String openSslPem(KeyPair pair) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(pair.getPrivate());
        }
        return text.toString();
    }
}
