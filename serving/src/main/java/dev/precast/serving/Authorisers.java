package dev.precast.serving;

import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.auth.OpenAuthoriser;
import dev.precast.serving.auth.UpstreamAuthoriser;
import dev.precast.serving.htpasswd.HtpasswdAuthoriser;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.token.TokenAuthoriser;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamLogin;
import dev.precast.serving.view.ViewReader;
import java.security.SecureRandom;
import java.time.Duration;

/** Makes what a configuration asks for: who decides about callers, and who logs in upstream. */
final class Authorisers {
    private final ServingConfig config;
    private final ViewReader.Time time;
    private final SecureRandom random;

    Authorisers(ServingConfig config, ViewReader.Time time, SecureRandom random) {
        this.config = config;
        this.time = time;
        this.random = random;
    }

    /** Callers' credentials go upstream in one mode only; in all others Precast's own do. */
    Upstream upstream(ServingMetrics metrics) {
        Duration timeout = config.registryTimeout();
        return config.auth().delegated()
                ? new Upstream(config.registry(), timeout, metrics)
                : new Upstream(
                        config.registry(),
                        timeout,
                        metrics,
                        new UpstreamLogin(config.registry(), config.account(), timeout, time.nanoTime(), metrics));
    }

    Authoriser authoriser(Upstream upstream, Fingerprints fingerprints, ServingMetrics metrics) {
        AuthConfig auth = config.auth();
        return switch (auth.mode()) {
            case UPSTREAM ->
                new UpstreamAuthoriser(
                        upstream, config.registryTimeout(), auth.grace(), time.nanoTime(), fingerprints, metrics);
            case OPEN -> new OpenAuthoriser(auth.open());
            case HTPASSWD -> {
                AuthConfig.Passwords passwords = auth.passwords().orElseThrow();
                yield new HtpasswdAuthoriser(
                        passwords.file(), passwords.access(), passwords.realm(), time.nanoTime(), random, metrics);
            }
            case TOKEN ->
                new TokenAuthoriser(auth.token().orElseThrow(), time.clock(), time.nanoTime(), random, metrics);
        };
    }
}
