package dev.precast.ingest.registry;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which addresses may be asked, and which may see credentials. Pure but for the names that it is given.
 *
 * <p>A redirect or a token realm is the registry's word, and a registry can be made to say anything (CVE-2020-15157,
 * CVE-2026-33540): credentials go to the configured origin and to realms that were configured; redirects of blobs go there or to
 * public https addresses.
 */
final class Destinations {
    private final URI base;
    private final Set<String> realms;
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
        this.base = base;
        this.realms = realms;
        this.redirectHosts = redirectHosts;
        this.names = names;
    }

    /** Scheme, host and port are the registry's. */
    boolean isRegistry(URI address) {
        return sameText(base.getScheme(), address.getScheme())
                && sameText(base.getHost(), address.getHost())
                && port(base) == port(address);
    }

    /**
     * Whether the credentials may be sent to {@code realm} in exchange for a token: to the registry's own origin and to listed
     * hosts. Another port of the registry's host is another origin: somebody else may listen there.
     */
    boolean mayIssueTokens(URI realm) {
        if (realm.getHost() == null || realm.getRawUserInfo() != null) {
            return false;
        }
        boolean https = "https".equalsIgnoreCase(realm.getScheme());
        boolean noWeaker = https || ("http".equalsIgnoreCase(realm.getScheme()) && sameText(base.getScheme(), "http"));
        return noWeaker && (isRegistry(realm) || isListed(realms, realm));
    }

    /**
     * How a blob may be fetched from {@code address}. A public name is looked up once, here, and the connection goes to what was
     * found: a name that is looked up again could lead elsewhere by then (CVE-2026-92543).
     */
    Way redirect(URI address) {
        if (address.getHost() == null || address.getRawUserInfo() != null) {
            return new Way.Closed();
        }
        if (isRegistry(address)) {
            return new Way.Registry();
        }
        if (!"https".equalsIgnoreCase(address.getScheme())) {
            return new Way.Closed();
        }
        return isListed(redirectHosts, address) ? new Way.Listed() : publicly(address.getHost());
    }

    /** Either by name alone, which means every port, or with the port. */
    private static boolean isListed(Set<String> hosts, URI address) {
        String host = address.getHost().toLowerCase(Locale.ROOT);
        return hosts.contains(host) || hosts.contains(host + ":" + port(address));
    }

    /** Every address of the name must be public: of several, the server would choose. */
    private Way publicly(String host) {
        try {
            List<InetAddress> addresses = names.resolve(host);
            boolean all = !addresses.isEmpty() && addresses.stream().allMatch(Destinations::isPublic);
            return all ? new Way.Public(List.copyOf(addresses)) : new Way.Closed();
        } catch (UnknownHostException e) {
            return new Way.Closed();
        }
    }

    private static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        return !(address.isLoopbackAddress()
                        || address.isAnyLocalAddress()
                        || address.isLinkLocalAddress()
                        || address.isSiteLocalAddress()
                        || address.isMulticastAddress())
                && (bytes.length == 4 ? isPublic4(bytes) : isPublic6(bytes));
    }

    /** IANA's special-purpose registry of IPv4 (RFC 6890), as far as {@link InetAddress} does not know it. */
    private static boolean isPublic4(byte[] bytes) {
        int first = bytes[0] & 0xFF;
        int second = bytes[1] & 0xFF;
        boolean carrierGrade = first == 100 && (second & 0xC0) == 64;
        boolean protocols = first == 192 && second == 0 && bytes[2] == 0;
        boolean benchmarks = first == 198 && (second & 0xFE) == 18;
        return first != 0 && first < 240 && !carrierGrade && !protocols && !benchmarks;
    }

    /** Neither unique local (RFC 4193) nor one that wraps an IPv4 address: NAT64 (RFC 6052, 8215), 6to4, Teredo. */
    private static boolean isPublic6(byte[] bytes) {
        boolean uniqueLocal = (bytes[0] & 0xFE) == 0xFC;
        boolean nat64 = bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xFF) == 0xFF && (bytes[3] & 0xFF) == 0x9B;
        boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
        boolean teredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
        return !uniqueLocal && !nat64 && !sixToFour && !teredo;
    }

    private static boolean sameText(String a, String b) {
        return a != null && a.equalsIgnoreCase(b);
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
    }
}
