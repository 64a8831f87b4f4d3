package dev.precast.converter.jws;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFilesTest {
    private static final byte[] PAYLOAD = "{\n   \"name\": \"a\"\n}".getBytes(US_ASCII);

    static Stream<Path> privateForms() {
        return Stream.concat(
                Fixtures.names("keys").stream().map(name -> Fixtures.path("keys", name)),
                Fixtures.names("same-keys").stream()
                        .filter(name -> name.matches(".*\\.as-(jwk|pkcs8|sec1).*"))
                        .map(name -> Fixtures.path("same-keys", name)));
    }

    static List<String> refused() {
        return Fixtures.names("refused-keys");
    }

    /** Every kind of key in every form that holds the private half: read, sign, verify, save, read again. */
    @ParameterizedTest
    @MethodSource("privateForms")
    void parse_everyKindInEveryForm(Path file) throws IOException, KeyException {
        SigningKey key = KeyFiles.parse(Files.readString(file), file.toString());

        assertThat(key.keyId()).isEqualTo(original(file).keyId());
        byte[] manifest = ManifestSigner.signChecked(PAYLOAD, List.of(key), Instant.EPOCH);
        assertThat(ManifestVerifier.verify(manifest, Set.of(key.keyId())).verdict())
                .isEqualTo(Verdict.VALID_TRUSTED);
        SigningKey saved = KeyFiles.parse(KeyFiles.toPem(key), "saved");
        assertThat(ManifestSigner.sign(PAYLOAD, List.of(saved), Instant.EPOCH)).isEqualTo(manifest);
    }

    @ParameterizedTest
    @MethodSource("privateForms")
    void publicJwk_hasNothingButTheKey(Path file) throws IOException, KeyException {
        SigningKey key = KeyFiles.parse(Files.readString(file), file.toString());

        assertThat(key.publicJwk().toJSONObject().keySet())
                .isIn(Set.of("crv", "kid", "kty", "x", "y"), Set.of("e", "kid", "kty", "n"));
        assertThat(key.toString())
                .isEqualTo(key.keyId())
                .isEqualTo(key.publicJwk().getKeyID());
    }

    static Stream<Path> publicForms() {
        return Stream.concat(
                privateForms(),
                Fixtures.names("same-keys").stream()
                        .filter(name -> name.matches(".*\\.as-(public|certificate|pkcs1-public).*"))
                        .map(name -> Fixtures.path("same-keys", name)));
    }

    @ParameterizedTest
    @MethodSource("publicForms")
    void readPublic_everyForm(Path file) throws KeyException {
        List<JWK> keys = KeyFiles.readPublic(file);

        assertThat(keys).hasSize(1);
        assertThat(keys.get(0).getKeyID()).isEqualTo(original(file).keyId());
        assertThat(keys.get(0).isPrivate()).isFalse();
    }

    @Test
    void parsePublic_severalKeys() throws KeyException {
        assertThat(KeyFiles.parsePublic(Fixtures.text("refused-keys", "two-keys.pem"), "two"))
                .hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void parse_refusesWithOneClearSentence(String name) {
        String text = Fixtures.text("refused-keys", name);

        KeyException refused = catchThrowableOfType(KeyException.class, () -> KeyFiles.parse(text, "k"));

        assertThat(refused).hasMessageStartingWith("Cannot use key k: found ").hasMessageContaining("expected");
        // Nothing of the key: no run of base64 longer than any word of ours.
        assertThat(refused.getMessage())
                .doesNotContainPattern("[A-Za-z0-9+/_-]{20}")
                .hasSizeLessThan(300);
        assertThat(refused.getCause()).isNull();
    }

    @Test
    void parse_saysWhatItFound() {
        assertThatThrownBy(() -> KeyFiles.parse(Fixtures.text("refused-keys", "rsa-1024.pem"), "k"))
                .hasMessageContaining("1024 bits, expected 2048");
        assertThatThrownBy(() -> KeyFiles.parse(Fixtures.text("refused-keys", "encrypted-pkcs8.pem"), "k"))
                .hasMessageContaining("encrypted");
        assertThatThrownBy(() -> KeyFiles.parse(Fixtures.text("refused-keys", "public-only.pem"), "k"))
                .hasMessageContaining("found a public key, expected a private key");
        assertThatThrownBy(() -> KeyFiles.parse(Fixtures.text("refused-keys", "halves-of-two-keys.json"), "k"))
                .hasMessageContaining("do not belong together");
        assertThatThrownBy(() -> KeyFiles.parse(Fixtures.text("refused-keys", "curve-secp256k1.pem"), "k"))
                .hasMessageContaining("expected P-256, P-384 or P-521");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw-rw-rw-"})
    void read_refusesWhatOthersMayRead(String mode, @TempDir Path folder) throws IOException {
        Path file = save(folder, mode);

        assertThatThrownBy(() -> KeyFiles.read(file))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("found mode " + mode)
                .hasMessageContaining("chmod 600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------"})
    void read_takesTheOwnersFile(String mode, @TempDir Path folder) throws IOException, KeyException {
        assertThat(KeyFiles.read(save(folder, mode)).algorithm()).isEqualTo("ES256");
    }

    @Test
    void write_thenRead(@TempDir Path folder) throws IOException, KeyException {
        SigningKey key = Fixtures.key("ec-p256.sec1.pem");
        Path file = folder.resolve("new.pem");

        KeyFiles.write(file, key);

        assertThat(KeyFiles.read(file).keyId()).isEqualTo(key.keyId());
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void write_neverOverwrites(@TempDir Path folder) throws IOException {
        Path file = save(folder, "rw-------");
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(() -> KeyFiles.write(file, Fixtures.key("rsa-2048.pkcs1.pem")))
                .isInstanceOf(FileAlreadyExistsException.class);

        assertThat(file).hasBinaryContent(before);
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void read_saysWhenThereIsNoFile(@TempDir Path folder) {
        assertThatThrownBy(() -> KeyFiles.read(folder.resolve("no.pem")))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("no such file");
    }

    @Test
    void generate_everyAlgorithm() {
        SecureRandom random = new SecureRandom();

        assertThat(SigningKey.generateRsa(random).algorithm()).isEqualTo("RS256");
        assertThat(SigningKey.generateEc(random).algorithm()).isEqualTo("ES256");
        assertThat(SigningKey.generateEc(Curve.P_384, random).algorithm()).isEqualTo("ES384");
        assertThat(SigningKey.generateEc(Curve.P_521, random).algorithm()).isEqualTo("ES512");
    }

    private static Path save(Path folder, String mode) throws IOException {
        Path file = folder.resolve("key.pem");
        Files.write(file, Fixtures.bytes("keys", "ec-p256.sec1.pem"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }

    /** The key of {@code keys/} that a file of {@code same-keys/} was made from. */
    private static SigningKey original(Path file) {
        String name = file.getFileName().toString();
        if (Fixtures.names("keys").contains(name)) {
            return Fixtures.key(name);
        }
        String kind = name.substring(0, name.indexOf('.'));
        return Fixtures.key(kind.startsWith("rsa") ? kind + ".pkcs1.pem" : kind + ".sec1.pem");
    }

    @Test
    void parsePublic_takesAJwkSetAsServingPublishesIt() throws KeyException {
        SigningKey first = SigningKey.generateEc(new SecureRandom());
        SigningKey second = SigningKey.generateRsa(new SecureRandom());
        String set = "{\"keys\":[" + first.publicJwk().toJSONString() + ","
                + second.publicJwk().toJSONString() + "]}";

        assertThat(KeyFiles.parsePublic(set, "jwks.json"))
                .extracting(JWK::getKeyID)
                .containsExactly(first.keyId(), second.keyId());
    }
}
