package dev.precast.serving.upstream;

import dev.precast.schemas.net.Origin;
import dev.precast.schemas.net.PublicAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where the upstream may send somebody for a blob: to itself and to the hosts of the configuration; when we go ourselves and no
 * host is configured, also to any public address over https. Never to an address of this machine, its network or its cloud's
 * metadata that nobody has named, never from https to http, never with credentials in the URL. Thread-safe.
 */
public final class Redirects {
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[.*]");

    private final Optional<Origin> registry;
    private final boolean follow;
    private final Set<String> hosts;

    /**
     * @param follow whether we go ourselves; else the client is sent
     * @param hosts as {@link Origin#isListed} reads them
     */
    public Redirects(URI registry, boolean follow, Set<String> hosts) {
        this.registry = Origin.of(registry);
        this.follow = follow;
        this.hosts = Set.copyOf(hosts);
    }

    public boolean follow() {
        return follow;
    }

    /**
     * The absolute target of a Location header that may be used. A name is not looked up here: {@link #publicOnly} says whether its
     * addresses are to be checked when it is connected to.
     */
    public Optional<URI> target(URI from, String location) {
        try {
            URI target = from.resolve(new URI(location));
            Optional<Origin> origin = Origin.of(target);
            if (origin.isEmpty() || target.getRawUserInfo() != null || target.getRawFragment() != null) {
                return Optional.empty();
            }
            if (sameOrigin(target)) {
                return Optional.of(target);
            }
            boolean secure = origin.get().isHttps();
            if (!secure && "https".equalsIgnoreCase(from.getScheme())) {
                return Optional.empty();
            }
            boolean allowed = origin.get().isListed(hosts)
                    || (follow && hosts.isEmpty() && secure && !isPrivateAddress(target.getHost()));
            return allowed ? Optional.of(target) : Optional.empty();
        } catch (java.net.URISyntaxException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the target may be asked at public addresses only, since nobody has named it. */
    public boolean publicOnly(URI target) {
        return !sameOrigin(target)
                && !Origin.of(target).map(origin -> origin.isListed(hosts)).orElse(false);
    }

    /** Whether the caller's credentials may go there: only to the one origin of the configuration. */
    public boolean sameOrigin(URI target) {
        return Origin.of(target).equals(registry);
    }

    /** Of an address as such; a name is none. */
    private static boolean isPrivateAddress(String host) {
        if (!ADDRESS.matcher(host).matches()) {
            return false;
        }
        try {
            return !PublicAddresses.isPublic(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            return true;
        }
    }
}
