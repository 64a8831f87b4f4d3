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

    /** Whether the credentials may be sent to {@code realm} in exchange for a token. */
    boolean mayIssueTokens(URI realm) {
        if (realm.getHost() == null || realm.getRawUserInfo() != null) {
            return false;
        }
        boolean https = "https".equalsIgnoreCase(realm.getScheme());
        boolean sameHost = sameText(base.getHost(), realm.getHost());
        boolean noWeaker = https || ("http".equalsIgnoreCase(realm.getScheme()) && sameText(base.getScheme(), "http"));
        return noWeaker && (sameHost || realms.contains(realm.getHost().toLowerCase(Locale.ROOT)));
    }

    /** Whether a blob may be fetched from {@code address}, without credentials unless it is the registry. */
    boolean mayRedirectTo(URI address) {
        if (address.getHost() == null || address.getRawUserInfo() != null) {
            return false;
        }
        String host = address.getHost().toLowerCase(Locale.ROOT);
        boolean https = "https".equalsIgnoreCase(address.getScheme());
        boolean http = "http".equalsIgnoreCase(address.getScheme());
        if (sameText(base.getHost(), host)) {
            return https || (http && isRegistry(address));
        }
        return https && (redirectHosts.contains(host) || isPublic(host));
    }

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
        boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xFE) == 0xFC;
        boolean carrierGrade = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xC0) == 64;
        return !(address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()
                || uniqueLocal
                || carrierGrade);
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
