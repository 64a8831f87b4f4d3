package dev.precast.serving.htpasswd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Ruling;
import dev.precast.serving.metrics.ServingMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtpasswdAuthoriserTest {
    /** Of "U*U*U", from the test vectors of crypt_blowfish (Openwall). */
    private static final String OPENWALL = "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir
    private Path folder;

    private Path users;
    private Path rights;
    private HtpasswdAuthoriser authoriser;

    @BeforeEach
    void start() throws IOException {
        users = Files.writeString(
                folder.resolve("users"), "openwall:" + OPENWALL + "\n" + line("alice", "wonder:land"));
        rights = Files.writeString(folder.resolve("rights"), "* library/*\nalice team/*\n");
        authoriser = new HtpasswdAuthoriser(
                users, Optional.of(rights), "Precast", now::get, new SecureRandom(), new ServingMetrics(meters));
        authoriser.start();
    }

    @Test
    void rightPassword_letsIn() {
        assertThat(authoriser.enter(basic("alice", "wonder:land"))).isEqualTo(Ruling.Plain.ALLOWED);
        assertThat(authoriser.enter(basic("openwall", "U*U*U"))).isEqualTo(Ruling.Plain.ALLOWED);
        assertThat(authoriser.list(basic("alice", "wonder:land"))).isEqualTo(Ruling.Plain.ALLOWED);
    }

    @Test
    void userWithoutTheRight_isDenied() {
        assertThat(authoriser.read("team/a", basic("alice", "wonder:land"))).isEqualTo(Ruling.Plain.ALLOWED);
        assertThat(authoriser.read("library/a", basic("openwall", "U*U*U"))).isEqualTo(Ruling.Plain.ALLOWED);
        assertThat(authoriser.read("team/a", basic("openwall", "U*U*U"))).isEqualTo(Ruling.denied());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic",
                "Basic ",
                "Basic !!!",
                "Basic YWxpY2U=",
                "Bearer YWxpY2U6d29uZGVyOmxhbmQ=",
                "Digest x",
                "basic:x",
                ""
            })
    void noUsableCredentials_areChallenged(String header) {
        assertThat(authoriser.read("team/a", new Credential(Optional.of(header))))
                .isEqualTo(authoriser.read("team/b", Credential.ANONYMOUS));
    }

    @Test
    void wrongPasswordAndUnknownUser_hearTheSame() {
        Ruling challenge = authoriser.read("team/a", Credential.ANONYMOUS);
        assertThat(((Ruling.Refused) challenge).headers().all("www-authenticate"))
                .containsExactly("Basic realm=\"Precast\", charset=\"UTF-8\"");
        assertThat(authoriser.read("team/a", basic("alice", "wrong"))).isEqualTo(challenge);
        assertThat(authoriser.read("no/such", basic("nobody", "wrong"))).isEqualTo(challenge);
        assertThat(authoriser.read("team/a", basic("alice", ""))).isEqualTo(challenge);
        assertThat(authoriser.read("team/a", basic("alice", "wonder:land\u0000")))
                .isEqualTo(challenge);
    }

    @Test
    void answers_areRememberedBriefly() {
        authoriser.enter(basic("alice", "wonder:land"));
        authoriser.enter(basic("alice", "wrong"));
        for (int i = 0; i < 10; i++) {
            authoriser.enter(basic("alice", "wonder:land"));
            authoriser.enter(basic("alice", "wrong"));
        }
        assertThat(compared("allowed")).isEqualTo(1);
        assertThat(compared("denied")).isEqualTo(1);
        pass(Duration.ofSeconds(6));
        authoriser.enter(basic("alice", "wonder:land"));
        authoriser.enter(basic("alice", "wrong"));
        assertThat(compared("allowed")).isEqualTo(1);
        assertThat(compared("denied")).isEqualTo(2);
        pass(Duration.ofSeconds(55));
        authoriser.enter(basic("alice", "wonder:land"));
        assertThat(compared("allowed")).isEqualTo(2);
    }

    @Test
    void remembered_isWhatWasCompared_whileItHolds() throws IOException {
        assertThat(authoriser.remembered("team/a", basic("alice", "wonder:land")))
                .isEmpty();
        assertThat(authoriser.remembered("team/a", Credential.ANONYMOUS))
                .contains(authoriser.read("team/a", Credential.ANONYMOUS));
        Ruling wrong = authoriser.read("team/a", basic("alice", "wrong"));
        authoriser.read("team/a", basic("alice", "wonder:land"));
        assertThat(authoriser.remembered("team/a", basic("alice", "wonder:land")))
                .contains(Ruling.Plain.ALLOWED);
        assertThat(authoriser.remembered("secret/a", basic("alice", "wonder:land")))
                .contains(Ruling.denied());
        assertThat(authoriser.remembered("team/a", basic("alice", "wrong"))).contains(wrong);
        assertThat(compared("allowed") + compared("denied")).isEqualTo(2);
        Files.writeString(users, line("bob", "builder"));
        pass(Duration.ofSeconds(1));
        assertThat(authoriser.remembered("team/a", basic("alice", "wonder:land")))
                .as("the files are to be looked at")
                .isEmpty();
        authoriser.read("team/a", Credential.ANONYMOUS);
        authoriser.enter(basic("bob", "builder"));
        assertThat(authoriser.remembered("team/a", basic("alice", "wonder:land")))
                .isEmpty();
    }

    @Test
    void manyAtOnce_compareOnce() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Ruling>> same = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                same.add(() -> authoriser.enter(basic("alice", "wonder:land")));
            }
            for (Future<Ruling> answer : executor.invokeAll(same)) {
                assertThat(answer.get()).isEqualTo(Ruling.Plain.ALLOWED);
            }
        } finally {
            executor.shutdown();
        }
        assertThat(compared("allowed")).isEqualTo(1);
    }

    @Test
    void changedFile_isReadAgain_andWhatWasRememberedIsForgotten() throws IOException {
        assertThat(authoriser.enter(basic("alice", "wonder:land"))).isEqualTo(Ruling.Plain.ALLOWED);
        Files.writeString(users, line("bob", "builder"));
        pass(Duration.ofSeconds(1));
        assertThat(authoriser.enter(basic("alice", "wonder:land")).allowed()).isFalse();
        assertThat(authoriser.enter(basic("bob", "builder"))).isEqualTo(Ruling.Plain.ALLOWED);
        Files.writeString(rights, "bob nothing\n");
        pass(Duration.ofSeconds(1));
        assertThat(authoriser.read("library/a", basic("bob", "builder"))).isEqualTo(Ruling.denied());
    }

    @Test
    void fileThatBecameUnusable_leavesWhatWasThere() throws IOException {
        Files.writeString(users, "alice:{SHA}x\n");
        pass(Duration.ofSeconds(1));
        assertThat(authoriser.enter(basic("alice", "wonder:land"))).isEqualTo(Ruling.Plain.ALLOWED);
        Files.delete(users);
        pass(Duration.ofSeconds(1));
        assertThat(authoriser.enter(basic("alice", "wonder:land"))).isEqualTo(Ruling.Plain.ALLOWED);
        Files.writeString(users, line("alice", "new"));
        pass(Duration.ofSeconds(1));
        assertThat(authoriser.enter(basic("alice", "wonder:land")).allowed()).isFalse();
        assertThat(authoriser.enter(basic("alice", "new"))).isEqualTo(Ruling.Plain.ALLOWED);
    }

    @Test
    void start_withoutTheFile_says() throws IOException {
        Files.delete(users);
        HtpasswdAuthoriser without = new HtpasswdAuthoriser(
                users, Optional.empty(), "Precast", now::get, new SecureRandom(), new ServingMetrics(meters));
        assertThatThrownBy(without::start).isInstanceOf(IOException.class).hasMessageContaining(users.toString());
    }

    @Test
    void nothingPrintsASecret() {
        Credential credential = basic("canary-user", "canary-password");
        assertThat(credential.toString() + credential.basic()).doesNotContain("canary");
    }

    private double compared(String verdict) {
        return meters.get("precast.serving.authorisations")
                .tag("verdict", verdict)
                .counter()
                .count();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static String line(String user, String password) {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        return user + ":" + OpenBSDBCrypt.generate("2y", password.toCharArray(), salt, 5) + "\n";
    }

    private static Credential basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new Credential(Optional.of("Basic " + Base64.getEncoder().encodeToString(pair)));
    }
}
