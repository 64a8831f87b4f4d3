package dev.precast.converter.jws;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.KeyException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/**
 * Reads key files: PEM (SEC1 {@code EC PRIVATE KEY}, PKCS #1 {@code RSA PRIVATE KEY}, PKCS #8 {@code PRIVATE KEY}) and JWK,
 * libtrust's own such as Docker's {@code /etc/docker/key.json} included. The content decides, not the file's name. Of a file's
 * other members and PEM headers nothing is kept.
 */
public final class KeyFiles {
    /** A key is a few kilobytes; nobody meant a larger file. */
    private static final long MAX_BYTES = 1 << 18;

    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private static final Path SELF = Path.of("/proc/self");

    private KeyFiles() {}

    /**
     * Reads the private key in {@code file}, which nobody but its owner may read.
     *
     * @throws KeyException in one sentence what was found, what is expected, and what to do next; never any of the key
     */
    public static SigningKey read(Path file) throws KeyException {
        String text = text(file);
        requireOwnerOnly(file);
        return parse(text, file.toString());
    }

    /**
     * Reads a private key from {@code text}.
     *
     * @param name where it came from, for messages
     */
    public static SigningKey parse(String text, String name) throws KeyException {
        try {
            List<JWK> keys = keys(text);
            if (keys.size() != 1) {
                throw new KeyException("found " + keys.size() + " keys, expected one private key");
            }
            return SigningKey.of(keys.get(0));
        } catch (KeyException e) {
            throw new KeyException(
                    "Cannot use key " + name + ": " + e.getMessage()
                            + ". Make one with `openssl ecparam -name prime256v1 -genkey -noout -out FILE` and `chmod 600 FILE`.");
        }
    }

    /**
     * The public keys in {@code file}: public or private keys as PEM or JWK, a JWK set, or certificates. Each has its key id as
     * {@code kid} and nothing but the key material.
     */
    public static List<JWK> readPublic(Path file) throws KeyException {
        return parsePublic(text(file), file.toString());
    }

    /** The public keys in {@code text}, see {@link #readPublic}. */
    public static List<JWK> parsePublic(String text, String name) throws KeyException {
        try {
            List<JWK> keys = new ArrayList<>();
            for (JWK key : keys(text)) {
                PublicKeys.requireStrong(key);
                keys.add(PublicKeys.bare(key, KeyId.of(key)));
            }
            return List.copyOf(keys);
        } catch (KeyException e) {
            throw new KeyException(
                    "Cannot trust key " + name + ": " + e.getMessage() + ". Give a PEM or JWK file with a public key.");
        }
    }

    /** PKCS #8 as PEM. The result is a secret. */
    public static String toPem(SigningKey key) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject("PRIVATE KEY", key.privateKey().getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory cannot fail", e);
        }
        return text.toString();
    }

    /**
     * Saves {@code key} as PEM in a new file that only its owner may read. The file appears complete or not at all.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is one: a key is never overwritten
     */
    public static void write(Path file, SigningKey key) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path unfinished = Files.createTempFile(folder, ".key", null, ownerOnly(folder));
        try {
            Files.writeString(unfinished, toPem(key), StandardCharsets.US_ASCII);
            // A link, because a move would replace a key that came in between.
            Files.createLink(file, unfinished);
        } finally {
            Files.delete(unfinished);
        }
    }

    private static FileAttribute<?>[] ownerOnly(@Nullable Path folder) throws IOException {
        boolean modes = folder != null && Files.getFileStore(folder).supportsFileAttributeView("posix");
        return modes
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static List<JWK> keys(String text) throws KeyException {
        String stripped = text.strip();
        if (stripped.startsWith("{")) {
            return jwks(stripped);
        }
        if (stripped.contains("-----BEGIN ")) {
            return PemKeys.parse(stripped);
        }
        throw new KeyException("found neither PEM nor JSON, expected a key in one of these forms");
    }

    private static List<JWK> jwks(String json) throws KeyException {
        try {
            if (JSONObjectUtils.parse(json).containsKey("keys")) {
                List<JWK> keys = JWKSet.parse(json).getKeys();
                if (keys.isEmpty()) {
                    throw new KeyException("found a JWK set without keys, expected at least one");
                }
                return keys;
            }
            return List.of(JWK.parse(json));
        } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
            // Their messages may quote the input, which is secret.
            throw new KeyException("found JSON that is not a valid JWK, expected one with kty RSA or EC");
        }
    }

    private static String text(Path file) throws KeyException {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new KeyException(
                        "Cannot read key " + file + ": found " + size + " bytes, expected at most " + MAX_BYTES + ".");
            }
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            boolean there = Files.exists(file);
            throw new KeyException("Cannot read key " + file + ": "
                    + (there ? "it is not readable" : "there is no such file")
                    + ", expected a PEM or JWK file. Check the path and its owner.");
        }
    }

    private static void requireOwnerOnly(Path file) throws KeyException {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (mode.stream().anyMatch(OTHERS::contains)) {
                throw new KeyException("Cannot use key " + file + ": found mode " + PosixFilePermissions.toString(mode)
                        + ", expected rw------- (0600), because it signs for everyone. Run `chmod 600 " + file + "`.");
            }
            requireOwn(file);
        } catch (UnsupportedOperationException e) {
            // A file system without modes: nothing to check.
            return;
        } catch (IOException e) {
            throw new KeyException("Cannot read the mode and the owner of key " + file + ".");
        }
    }

    /** Whoever owns a file can replace it, whatever its mode: a key of another user is not ours to trust. */
    private static void requireOwn(Path file) throws KeyException, IOException {
        // Linux says whose this process is; elsewhere the mode must do.
        if (Files.exists(SELF)) {
            UserPrincipal owner = Files.getOwner(file);
            UserPrincipal self = Files.getOwner(SELF);
            if (!owner.equals(self)) {
                throw new KeyException("Cannot use key " + file + ": found the owner " + owner.getName() + ", expected "
                        + self.getName() + ", as whom this process runs. Run `chown " + self.getName() + " " + file
                        + "`.");
            }
        }
    }
}
