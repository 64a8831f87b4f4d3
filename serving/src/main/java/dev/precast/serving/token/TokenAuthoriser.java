package dev.precast.serving.token;

import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.auth.RecentlyUsed;
import dev.precast.serving.auth.ReloadedFile;
import dev.precast.serving.auth.Ruling;
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

    private final String challenge;
    private final TokenChecker checker;
    private final ReloadedFile<TrustedKeys> keys;
    private final Clock clock;
    private final Fingerprints fingerprints;
    private final ServingMetrics metrics;
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
        return ruling(
                credential,
                ",scope=\"repository:" + repository + ":pull\"",
                grants -> grants.repositories().contains(repository));
    }

    @Override
    public Ruling list(Credential credential) {
        return ruling(credential, ",scope=\"registry:catalog:*\"", Grants::catalog);
    }

    private Ruling ruling(Credential credential, String scope, Predicate<Grants> enough) {
        Optional<String> token = credential.bearer();
        if (token.isEmpty()) {
            return Ruling.challenge(challenge + scope);
        }
        try {
            return enough.test(grants(credential, token.get()))
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
        Checked last = checked.get(fingerprint);
        if (last != null && last.edition() == trusted.edition()) {
            if (!last.grants().validAt(clock.instant().getEpochSecond())) {
                throw new TokenException(TokenFault.EXPIRED);
            }
            return last.grants();
        }
        Grants grants = checker.check(token, trusted.value());
        metrics.authorisation("allowed");
        checked.put(fingerprint, new Checked(grants, trusted.edition()));
        return grants;
    }
}
