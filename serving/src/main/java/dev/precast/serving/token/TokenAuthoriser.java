package dev.precast.serving.token;

import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.auth.RecentlyUsed;
import dev.precast.serving.auth.ReloadedFile;
import dev.precast.serving.auth.Ruling;
import dev.precast.serving.metrics.Lookups;
import dev.precast.serving.metrics.ServingMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Lets in who brings a token of the configured issuer, to what the token names. What a token grants is remembered until it
 * expires or the key files change. The challenge is made from configuration only, never from the request. Thread-safe.
 */
public final class TokenAuthoriser implements Authoriser {
    /** What a checked token grants, and under which keys it was checked. */
    private record Checked(Grants grants, long edition) {}

    /** Of a token that was shown. */
    @FunctionalInterface
    private interface Presented {
        Grants grants() throws TokenException;
    }

    private final String challenge;
    private final TokenChecker checker;
    private final ReloadedFile<TrustedKeys> keys;
    private final Clock clock;
    private final Fingerprints fingerprints;
    private final ServingMetrics metrics;
    private final Lookups lookups = new Lookups();
    private final RecentlyUsed<String, Checked> checked = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);

    /**
     * Does no I/O.
     *
     * @param clock that tokens' times are compared with
     * @param nanoTime a clock that only goes forward, for looking at the key files
     */
    public TokenAuthoriser(
            TokenConfig config, Clock clock, LongSupplier nanoTime, SecureRandom random, ServingMetrics metrics) {
        this.challenge = "Bearer realm=\"" + config.realm() + "\",service=\"" + config.service() + "\"";
        this.checker = new TokenChecker(config, clock);
        List<Path> files = new ArrayList<>(config.keys());
        files.addAll(config.roots());
        this.keys = new ReloadedFile<>(files, () -> KeyFiles.read(config), nanoTime);
        this.clock = clock;
        this.fingerprints = new Fingerprints(random);
        this.metrics = metrics;
        metrics.cache("rulings", lookups);
    }

    @Override
    public void start() throws IOException {
        keys.start();
    }

    @Override
    public Ruling enter(Credential credential) {
        return ruling(credential, "", grants -> true);
    }

    @Override
    public Ruling read(String repository, Credential credential) {
        return ruling(credential, scope(repository), mayPull(repository));
    }

    /** A token that nobody has shown yet is not checked here: a signature takes its time. */
    @Override
    public Optional<Ruling> remembered(String repository, Credential credential) {
        if (credential.bearer().isEmpty()) {
            return Optional.of(Ruling.challenge(challenge + scope(repository)));
        }
        return keys.remembered()
                .flatMap(trusted -> checked(fingerprints.of(credential), trusted.edition()))
                .map(last -> {
                    lookups.hit();
                    return ruling(() -> valid(last), scope(repository), mayPull(repository));
                });
    }

    @Override
    public Ruling list(Credential credential) {
        return ruling(credential, ",scope=\"registry:catalog:*\"", Grants::catalog);
    }

    private static String scope(String repository) {
        return ",scope=\"repository:" + repository + ":pull\"";
    }

    private static Predicate<Grants> mayPull(String repository) {
        return grants -> grants.repositories().contains(repository);
    }

    private Ruling ruling(Credential credential, String scope, Predicate<Grants> enough) {
        Optional<String> token = credential.bearer();
        return token.isEmpty()
                ? Ruling.challenge(challenge + scope)
                : ruling(() -> grants(credential, token.get()), scope, enough);
    }

    private Ruling ruling(Presented presented, String scope, Predicate<Grants> enough) {
        try {
            return enough.test(presented.grants())
                    ? Ruling.Plain.ALLOWED
                    : Ruling.challenge(challenge + scope + ",error=\"insufficient_scope\"");
        } catch (TokenException e) {
            metrics.authorisation(
                    "token-" + e.fault().name().toLowerCase(Locale.ROOT).replace('_', '-'));
            return Ruling.challenge(challenge + scope + ",error=\"invalid_token\"");
        }
    }

    private Grants grants(Credential credential, String token) throws TokenException {
        ReloadedFile.Loaded<TrustedKeys> trusted = keys.current();
        String fingerprint = fingerprints.of(credential);
        Optional<Checked> last = checked(fingerprint, trusted.edition());
        if (last.isPresent()) {
            lookups.hit();
            return valid(last.get());
        }
        lookups.miss();
        Grants grants = checker.check(token, trusted.value());
        metrics.authorisation("allowed");
        checked.put(fingerprint, new Checked(grants, trusted.edition()));
        return grants;
    }

    private Optional<Checked> checked(String fingerprint, long edition) {
        return Optional.ofNullable(checked.get(fingerprint)).filter(last -> last.edition() == edition);
    }

    private Grants valid(Checked last) throws TokenException {
        if (!last.grants().validAt(clock.instant().getEpochSecond())) {
            throw new TokenException(TokenFault.EXPIRED);
        }
        return last.grants();
    }
}
