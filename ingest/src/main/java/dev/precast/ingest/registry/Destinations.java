package dev.precast.ingest.registry;

import dev.precast.schemas.net.Origin;
import dev.precast.schemas.net.PublicAddresses;
import dev.precast.schemas.net.TokenRealms;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which addresses may be asked, and which may see credentials. Pure but for the names that it is given.
 *
 * <p>A redirect or a token realm is the registry's word, and a registry can be made to say anything (CVE-2020-15157,
 * CVE-2026-33540): credentials go to the configured origin and to realms that were configured; redirects of blobs go there or to
 * public https addresses.
 */
final class Destinations {
    private final TokenRealms realms;
    private final Set<String> redirectHosts;
    private final Names names;

    /** How names become addresses. */
    interface Names {
        /** All of them, at least one. */
        List<InetAddress> resolve(String host) throws UnknownHostException;
    }

    /** Where a redirect leads. */
    sealed interface Way {
        /** To the registry itself, which may see the credentials. */
        record Registry() implements Way {}

        /** To a host that the operator has listed, wherever it is. */
        record Listed() implements Way {}

        /** To somebody on the public internet, at these addresses and no others. */
        record Public(List<InetAddress> addresses) implements Way {}

        /** Nowhere. */
        record Closed() implements Way {}
    }

    Destinations(URI base, Set<String> realms, Set<String> redirectHosts, Names names) {
        this.realms = new TokenRealms(base, realms);
        this.redirectHosts = redirectHosts;
        this.names = names;
    }

    /** Scheme, host and port are the registry's. */
    boolean isRegistry(URI address) {
        return Origin.of(address).equals(Origin.of(realms.registry()));
    }

    /** Whether the credentials may be sent to {@code realm} in exchange for a token. */
    boolean mayIssueTokens(URI realm) {
        return realms.allows(realm);
    }

    /**
     * How a blob may be fetched from {@code address}. A public name is looked up once, here, and the connection goes to what was
     * found: a name that is looked up again could lead elsewhere by then (CVE-2026-92543).
     */
    Way redirect(URI address) {
        Optional<Origin> asked = Origin.of(address);
        if (asked.isEmpty() || address.getRawUserInfo() != null) {
            return new Way.Closed();
        }
        if (isRegistry(address)) {
            return new Way.Registry();
        }
        if (!asked.get().isHttps()) {
            return new Way.Closed();
        }
        return asked.get().isListed(redirectHosts) ? new Way.Listed() : publicly(address.getHost());
    }

    /** Every address of the name must be public: of several, the server would choose. */
    private Way publicly(String host) {
        try {
            List<InetAddress> addresses = names.resolve(host);
            boolean all = !addresses.isEmpty() && addresses.stream().allMatch(PublicAddresses::isPublic);
            return all ? new Way.Public(List.copyOf(addresses)) : new Way.Closed();
        } catch (UnknownHostException e) {
            return new Way.Closed();
        }
    }
}
