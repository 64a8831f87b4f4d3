package dev.precast.converter.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyException;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeySourceTest {
    @TempDir
    Path directory;

    private final SigningKey first = SigningKey.generateEc(new SecureRandom());
    private final SigningKey second = SigningKey.generateEc(new SecureRandom());

    @Test
    void directory_givesTheKeysInIt() throws Exception {
        KeyFiles.write(directory.resolve("a.pem"), first);
        KeyFiles.write(directory.resolve("b.pem"), second);
        Files.writeString(directory.resolve(".unfinished"), "no key");
        Files.createDirectory(directory.resolve("sub"));

        assertThat(source().read().byId()).containsOnlyKeys(first.keyId(), second.keyId());
    }

    @Test
    void emptyDirectory_givesNone() throws Exception {
        assertThat(source().read().isEmpty()).isTrue();
    }

    @Test
    void file_thatAppearsChangesOrGoesIsNoticed() throws Exception {
        KeySource source = source();
        source.read();
        assertThat(source.readIfChanged()).isEmpty();

        KeyFiles.write(directory.resolve("a.pem"), first);
        assertThat(source.readIfChanged())
                .hasValueSatisfying(held -> assertThat(held.byId()).containsOnlyKeys(first.keyId()));
        assertThat(source.readIfChanged()).isEmpty();

        Files.writeString(directory.resolve("a.pem"), KeyFiles.toPem(second));
        assertThat(source.readIfChanged())
                .hasValueSatisfying(held -> assertThat(held.byId()).containsOnlyKeys(second.keyId()));

        Files.delete(directory.resolve("a.pem"));
        assertThat(source.readIfChanged())
                .hasValueSatisfying(held -> assertThat(held.isEmpty()).isTrue());
    }

    @Test
    void mode_thatLetsOthersReadIsAFaultUntilItIsMended() throws Exception {
        KeyFiles.write(directory.resolve("a.pem"), first);
        KeyFiles.write(directory.resolve("b.pem"), second);
        Files.setPosixFilePermissions(directory.resolve("a.pem"), PosixFilePermissions.fromString("rw-r-----"));
        KeySource source = source();

        assertThatThrownBy(source::read)
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("a.pem")
                .hasMessageContaining("rw-r-----")
                .hasMessageContaining("chmod 600");

        KeySource running = source();
        HeldKeys held = running.readIfChanged().orElseThrow();
        assertThat(held.byId()).containsOnlyKeys(second.keyId());
        assertThat(held.faults()).singleElement().asString().contains("chmod 600");
        Files.setPosixFilePermissions(directory.resolve("a.pem"), PosixFilePermissions.fromString("rw-------"));
        assertThat(running.readIfChanged())
                .hasValueSatisfying(mended -> assertThat(mended.byId()).hasSize(2));
    }

    @Test
    void fileThatIsNamed_mustBeThere() {
        KeySource source = new KeySource(List.of(directory.resolve("absent.pem")));

        assertThatThrownBy(source::read).isInstanceOf(KeyException.class).hasMessageContaining("absent.pem");
    }

    @Test
    void text_showsNoPrivateKey() throws Exception {
        KeyFiles.write(directory.resolve("a.pem"), first);
        HeldKeys held = source().read();
        String pem = KeyFiles.toPem(first);

        assertThat(held.toString()).contains(first.keyId()).doesNotContain(pem.split("\n")[2]);
        assertThat(held.byId().toString()).doesNotContain("d=").doesNotContain("\"d\"");
    }

    private KeySource source() {
        return new KeySource(List.of(directory));
    }
}
