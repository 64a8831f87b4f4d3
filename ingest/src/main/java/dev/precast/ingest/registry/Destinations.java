package dev.precast.ingest.registry;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;

/**
 * Which addresses may be asked, and which may see credentials. Pure but for name resolution.
 *
 * <p>A redirect or a token realm is the registry's word, and a registry can be made to say anything (CVE-2020-15157,
 * CVE-2026-33540): credentials go to the configured origin and to realms that were configured; redirects of blobs go there or to
 * public https addresses.
 */
final class Destinations {
    private final URI base;
    private final Set<String> realms;
    private final Set<String> redirectHosts;

    Destinations(URI base, Set<String> realms, Set<String> redirectHosts) {
        this.base = base;
        this.realms = realms;
        this.redirectHosts = redirectHosts;
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

    /** Whether a blob may be fetched from {@code address}, without credentials unless it is the registry. */
    boolean mayRedirectTo(URI address) {
        if (address.getHost() == null || address.getRawUserInfo() != null) {
            return false;
        }
        if (isRegistry(address)) {
            return true;
        }
        return "https".equalsIgnoreCase(address.getScheme())
                && (isListed(redirectHosts, address) || isPublic(address.getHost()));
    }

    /** Either by name alone, which means every port, or with the port. */
    private static boolean isListed(Set<String> hosts, URI address) {
        String host = address.getHost().toLowerCase(Locale.ROOT);
        return hosts.contains(host) || hosts.contains(host + ":" + port(address));
    }

    /**
     * Every address of the name must be public. The connection is made right after, to what the JVM's own cache then holds for
     * the name (30 s unless {@code networkaddress.cache.ttl} says otherwise): the addresses that were checked here.
     */
    private static boolean isPublic(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!isPublic(address)) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            return false;
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
