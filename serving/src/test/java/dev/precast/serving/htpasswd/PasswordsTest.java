package dev.precast.serving.htpasswd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Verdict;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.Test;

class PasswordsTest {
    private static final int CALLERS = 200;

    /** Nobody has to wait for the minute to be over: those whom there is no room for hear it at once. */
    @Test
    void manyAtOnce_mostAreTurnedAwayAndTheNextIsLetIn() throws Exception {
        SecureRandom random = new SecureRandom();
        Passwords passwords = new Passwords(Duration.ofMinutes(10), random);
        String hash = OpenBSDBCrypt.generate("2y", "secret".toCharArray(), new byte[16], 11);
        PasswordFile file = PasswordFile.parse("users", List.of("alice:" + hash));
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        CountDownLatch together = new CountDownLatch(CALLERS);
        List<Future<Verdict>> verdicts = new ArrayList<>();
        try {
            for (int i = 0; i < CALLERS; i++) {
                Credential.Basic wrong = new Credential.Basic("alice", "guess " + i);
                verdicts.add(callers.submit(() -> {
                    together.countDown();
                    together.await();
                    return passwords.check(file, wrong);
                }));
            }
            int turnedAway = 0;
            for (Future<Verdict> verdict : verdicts) {
                turnedAway += verdict.get() == Verdict.UNAVAILABLE ? 1 : 0;
            }
            assertThat(turnedAway).isBetween(1, CALLERS - 34);
        } finally {
            callers.shutdown();
        }
        assertThat(passwords.check(file, new Credential.Basic("alice", "secret")))
                .isEqualTo(Verdict.ALLOWED);
    }
}
