package dev.precast.serving.htpasswd;

import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Verdict;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/**
 * Compares passwords with bcrypt hashes, a few at a time, since each costs a core for a tenth of a second. An unknown user costs
 * what a known one does. Thread-safe.
 */
final class Passwords {
    private static final int AT_ONCE = 2;
    /** Each holds a thread of the server, and waits for what others of them take. */
    private static final int WAITING = 32;

    private static final int SALT_BYTES = 16;

    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final AtomicInteger inside = new AtomicInteger();
    private final Duration patience;
    private final byte[] salt = new byte[SALT_BYTES];

    /**
     * @param patience how long somebody waits for a turn
     * @param random for the salt of a hash that nobody has
     */
    Passwords(Duration patience, SecureRandom random) {
        this.patience = patience;
        random.nextBytes(salt);
    }

    /** {@link Verdict#UNAVAILABLE} when there was no turn in time, and at once when too many wait for one. */
    Verdict check(PasswordFile file, Credential.Basic presented) {
        try {
            return inside.incrementAndGet() > AT_ONCE + WAITING ? Verdict.UNAVAILABLE : inTurn(file, presented);
        } finally {
            inside.decrementAndGet();
        }
    }

    private Verdict inTurn(PasswordFile file, Credential.Basic presented) {
        Optional<String> hash = file.hash(presented.user());
        try {
            if (!turns.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return Verdict.UNAVAILABLE;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Verdict.UNAVAILABLE;
        }
        try {
            char[] password = presented.password().toCharArray();
            if (hash.isPresent()) {
                return OpenBSDBCrypt.checkPassword(hash.get(), password) ? Verdict.ALLOWED : Verdict.DENIED;
            }
            OpenBSDBCrypt.generate("2y", password, salt, file.cost());
            return Verdict.DENIED;
        } finally {
            turns.release();
        }
    }
}
