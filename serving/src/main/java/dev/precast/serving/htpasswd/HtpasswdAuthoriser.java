package dev.precast.serving.htpasswd;

import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.auth.RecentlyUsed;
import dev.precast.serving.auth.ReloadedFile;
import dev.precast.serving.auth.Ruling;
import dev.precast.serving.auth.SharedQuestions;
import dev.precast.serving.auth.Verdict;
import dev.precast.serving.metrics.Lookups;
import dev.precast.serving.metrics.ServingMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in who knows a password of a file with bcrypt hashes, to everything or to what a second file says. A right password is
 * remembered for a minute, a wrong one for five seconds, both until a file changes. Thread-safe.
 */
public final class HtpasswdAuthoriser implements Authoriser {
    static final Duration RIGHT_FOR = Duration.ofSeconds(60);
    static final Duration WRONG_FOR = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(HtpasswdAuthoriser.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private record Rules(PasswordFile passwords, AccessFile access) {}

    private record Key(String fingerprint, long edition) {}

    private final ReloadedFile<Rules> rules;
    private final Fingerprints fingerprints;
    private final Passwords passwords;
    private final LongSupplier nanoTime;
    private final ServingMetrics metrics;
    private final Ruling challenge;
    private final Lookups lookups = new Lookups();
    private final SharedQuestions<Key, Verdict> questions = new SharedQuestions<>();
    /** Until when a password counts as right. */
    private final RecentlyUsed<Key, Long> right = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);

    private final RecentlyUsed<Key, Long> wrong = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);

    /**
     * Does no I/O.
     *
     * @param file users and bcrypt hashes
     * @param access which user may read what; empty: every user everything
     * @param realm what clients are told they log in to
     * @param nanoTime a clock that only goes forward
     */
    public HtpasswdAuthoriser(
            Path file,
            Optional<Path> access,
            String realm,
            LongSupplier nanoTime,
            SecureRandom random,
            ServingMetrics metrics) {
        List<Path> files = new ArrayList<>(List.of(file));
        access.ifPresent(files::add);
        this.rules = new ReloadedFile<>(files, () -> read(file, access), nanoTime);
        this.fingerprints = new Fingerprints(random);
        this.passwords = new Passwords(PATIENCE, random);
        this.nanoTime = nanoTime;
        this.metrics = metrics;
        metrics.cache("rulings", lookups);
        this.challenge = Ruling.challenge("Basic realm=\"" + realm + "\", charset=\"UTF-8\"");
    }

    @Override
    public void start() throws IOException {
        rules.start();
    }

    @Override
    public Ruling enter(Credential credential) {
        return ruling(credential, "");
    }

    @Override
    public Ruling read(String repository, Credential credential) {
        return ruling(credential, repository);
    }

    @Override
    public Optional<Ruling> remembered(String repository, Credential credential) {
        Optional<Credential.Basic> presented = credential.basic();
        if (presented.isEmpty()) {
            return Optional.of(challenge);
        }
        return rules.remembered().flatMap(loaded -> {
            Verdict known = known(new Key(fingerprints.of(credential), loaded.edition()));
            if (known == null) {
                return Optional.empty(); // Whoever asks next counts it as missing.
            }
            lookups.hit();
            return Optional.of(ruling(known, loaded.value(), presented.get().user(), repository));
        });
    }

    @Override
    public Ruling list(Credential credential) {
        return ruling(credential, "");
    }

    /** @param repository empty when being a user is enough */
    private Ruling ruling(Credential credential, String repository) {
        Optional<Credential.Basic> presented = credential.basic();
        if (presented.isEmpty()) {
            return challenge;
        }
        ReloadedFile.Loaded<Rules> loaded = rules.current();
        Key key = new Key(fingerprints.of(credential), loaded.edition());
        Verdict verdict = check(key, loaded.value().passwords(), presented.get());
        return ruling(verdict, loaded.value(), presented.get().user(), repository);
    }

    private Ruling ruling(Verdict verdict, Rules rules, String user, String repository) {
        return switch (verdict) {
            case DENIED -> challenge;
            case UNAVAILABLE -> Ruling.unavailable("too many passwords are being checked, please try again");
            case ALLOWED ->
                repository.isEmpty() || rules.access().allows(user, repository)
                        ? Ruling.Plain.ALLOWED
                        : Ruling.denied();
        };
    }

    private Verdict check(Key key, PasswordFile file, Credential.Basic presented) {
        Verdict known = lookups.counted(known(key));
        if (known != null) {
            return known;
        }
        return questions.ask(key, Verdict.UNAVAILABLE, () -> {
            Verdict meanwhile = known(key); // Somebody's question may have ended between looking and asking.
            if (meanwhile != null) {
                return meanwhile;
            }
            Verdict verdict = passwords.check(file, presented);
            metrics.authorisation(verdict.name().toLowerCase(Locale.ROOT));
            if (verdict == Verdict.ALLOWED) {
                right.put(key, nanoTime.getAsLong() + RIGHT_FOR.toNanos());
            } else if (verdict == Verdict.DENIED) {
                wrong.put(key, nanoTime.getAsLong() + WRONG_FOR.toNanos());
            }
            return verdict;
        });
    }

    private @Nullable Verdict known(Key key) {
        if (holds(right.get(key))) {
            return Verdict.ALLOWED;
        }
        return holds(wrong.get(key)) ? Verdict.DENIED : null;
    }

    private boolean holds(@Nullable Long until) {
        return until != null && nanoTime.getAsLong() - until < 0;
    }

    private static Rules read(Path file, Optional<Path> access) throws IOException {
        PasswordFile passwords = PasswordFile.read(file);
        if (passwords.mixedCosts()) {
            LOG.warn(
                    "The hashes in {} have different costs, so the time of an answer can tell whether a user exists. Set the passwords anew with one cost.",
                    file);
        }
        return new Rules(passwords, access.isPresent() ? AccessFile.read(access.get()) : AccessFile.EVERYTHING);
    }
}
