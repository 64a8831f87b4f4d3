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
import java.security.SecureRandom;
import java.time.Clock;

/** Makes what a configuration asks for: who decides about callers, and who logs in upstream. */
final class Authorisers {
    private final ServingConfig config;
    private final Clock clock;
    private final SecureRandom random;

    Authorisers(ServingConfig config, Clock clock, SecureRandom random) {
        this.config = config;
        this.clock = clock;
        this.random = random;
    }

    /** Callers' credentials go upstream in one mode only; in all others Precast's own do. */
    Upstream upstream() {
        return config.auth().delegated()
                ? new Upstream(config.registry(), config.registryTimeout())
                : new Upstream(
                        config.registry(),
                        config.registryTimeout(),
                        new UpstreamLogin(
                                config.registry(), config.account(), config.registryTimeout(), System::nanoTime));
    }

    Authoriser authoriser(Upstream upstream, Fingerprints fingerprints, ServingMetrics metrics) {
        AuthConfig auth = config.auth();
        return switch (auth.mode()) {
            case UPSTREAM ->
                new UpstreamAuthoriser(
                        upstream, config.registryTimeout(), auth.grace(), System::nanoTime, fingerprints, metrics);
            case OPEN -> new OpenAuthoriser(auth.open());
            case HTPASSWD -> {
                AuthConfig.Passwords passwords = auth.passwords().orElseThrow();
                yield new HtpasswdAuthoriser(
                        passwords.file(), passwords.access(), passwords.realm(), System::nanoTime, random, metrics);
            }
            case TOKEN -> new TokenAuthoriser(auth.token().orElseThrow(), clock, System::nanoTime, random, metrics);
        };
    }
}
