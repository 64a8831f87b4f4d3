package dev.precast.serving.htpasswd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PasswordFileTest {
    private static final String HASH = "$2y$05$abcdefghijklmnopqrstuuN7kqKtxqsKZ6xo5YvnMOiCsL8mSt5fS";

    @Test
    void bcrypt_isRead() throws Exception {
        PasswordFile file = PasswordFile.parse(
                "users", List.of("# people", "", "alice:" + HASH, " bob:" + HASH.replace("$2y$05", "$2b$07") + " "));
        assertThat(file.hashes()).containsOnlyKeys("alice", "bob").containsEntry("alice", HASH);
        assertThat(file.cost()).isEqualTo(7);
        assertThat(file.mixedCosts()).isTrue();
        assertThat(file).hasToString("PasswordFile[2 users]");
    }

    @ParameterizedTest
    @CsvSource({
        "$apr1$canary12$abcdefghijklmnopqrstu., an MD5 hash",
        "$1$canary12$abcdefghijklmnopqrstu., an MD5 hash",
        "{SHA}canaryMCfLOdnGFmmbyWo=, a SHA-1 hash",
        "$5$canary$abc, a SHA-2 crypt hash",
        "$6$canary$abc, a SHA-2 crypt hash",
        "canary.abcdef, what looks like a crypt hash",
        "canary-in-clear-text, no hash of a known kind",
        "$2y$05$canary, a damaged or unsupported bcrypt hash",
        "$2x$05$abcdefghijklmnopqrstuuN7kqKtxqsKZ6xo5YvnMOiCsL8mSt5fS, a damaged or unsupported bcrypt hash",
        "$2y$31$abcdefghijklmnopqrstuuN7kqKtxqsKZ6xo5YvnMOiCsL8mSt5fS, a bcrypt hash of cost 31",
        "$2y$03$abcdefghijklmnopqrstuuN7kqKtxqsKZ6xo5YvnMOiCsL8mSt5fS, a bcrypt hash of cost 3"
    })
    void anythingElse_isRefusedByLineAndWithoutTheHash(String hash, String found) {
        assertThatThrownBy(() -> PasswordFile.parse("users", List.of("# people", "alice:" + HASH, "bob:" + hash)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("users")
                .hasMessageContaining(found + " on line 3")
                .hasMessageContaining("htpasswd -B")
                .hasMessageNotContaining("canary")
                .hasMessageNotContaining("abcdef");
    }

    @Test
    void sameUserTwice_isRefused() {
        assertThatThrownBy(() -> PasswordFile.parse("users", List.of("alice:" + HASH, "alice:" + HASH)))
                .hasMessageContaining("line 2");
    }

    @Test
    void lineWithoutAColon_isRefused() {
        assertThatThrownBy(() -> PasswordFile.parse("users", List.of("canary")))
                .hasMessageContaining("line 1")
                .hasMessageNotContaining("canary");
    }

    @Test
    void accessFile_saysWhoMayReadWhat() throws Exception {
        AccessFile access = AccessFile.parse(
                "rights", List.of("# who  what", "* library/*", "alice team/a  team/b-*", "alice tools", "bob"));
        assertThat(access.allows("alice", "team/a")).isTrue();
        assertThat(access.allows("alice", "team/b-1")).isTrue();
        assertThat(access.allows("alice", "tools")).isTrue();
        assertThat(access.allows("alice", "library/x")).isTrue();
        assertThat(access.allows("alice", "team/c")).isFalse();
        assertThat(access.allows("bob", "library/x")).isTrue();
        assertThat(access.allows("bob", "team/a")).isFalse();
        assertThat(access.allows("*", "team/a")).isFalse();
        assertThat(AccessFile.EVERYTHING.allows("anyone", "any/thing")).isTrue();
    }

    @Test
    void accessFile_withWhatIsNoPattern_isRefused() {
        assertThatThrownBy(() -> AccessFile.parse("rights", List.of("alice Team/A")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 1");
    }
}
