package dev.precast.serving.upstream;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the upstream may send somebody for a blob: to itself and to the hosts of the configuration; when we go ourselves and no
 * host is configured, also to any public address over https. Never to an address of this machine, its network or its cloud's
 * metadata that nobody has named, never from https to http, never with credentials in the URL. Thread-safe.
 */
public final class Redirects {
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[.*]");

    private final URI registry;
    private final boolean follow;
    private final List<String> hosts;

    /**
     * @param follow whether we go ourselves; else the client is sent
     * @param hosts names, or {@code *.suffix}
     */
    public Redirects(URI registry, boolean follow, List<String> hosts) {
        this.registry = registry;
        this.follow = follow;
        this.hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
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
            String scheme = target.getScheme();
            String host = target.getHost();
            boolean web = "https".equalsIgnoreCase(scheme) || "http".equalsIgnoreCase(scheme);
            if (!web || host == null || target.getRawUserInfo() != null || target.getRawFragment() != null) {
                return Optional.empty();
            }
            if (sameOrigin(target)) {
                return Optional.of(target);
            }
            boolean secure = "https".equalsIgnoreCase(scheme);
            if (!secure && "https".equalsIgnoreCase(from.getScheme())) {
                return Optional.empty();
            }
            boolean allowed = listed(host) || (follow && hosts.isEmpty() && secure && !isPrivateAddress(host));
            return allowed ? Optional.of(target) : Optional.empty();
        } catch (java.net.URISyntaxException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the target may be asked at public addresses only, since nobody has named it. */
    public boolean publicOnly(URI target) {
        return !sameOrigin(target) && !listed(target.getHost());
    }

    /** Whether the caller's credentials may go there: only to the one origin of the configuration. */
    public boolean sameOrigin(URI target) {
        return registry.getScheme().equalsIgnoreCase(target.getScheme())
                && registry.getHost().equalsIgnoreCase(target.getHost())
                && port(registry) == port(target);
    }

    private boolean listed(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return hosts.stream()
                .anyMatch(allowed -> allowed.startsWith("*.")
                        ? lower.endsWith(allowed.substring(1)) && lower.length() > allowed.length() - 1
                        : lower.equals(allowed));
    }

    /** Of an address as such; a name is none. */
    private static boolean isPrivateAddress(String host) {
        if (!ADDRESS.matcher(host).matches()) {
            return false;
        }
        try {
            return !isPublic(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            return true;
        }
    }

    static boolean isPublic(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            int first = bytes[0] & 0xff;
            int second = bytes[1] & 0xff;
            boolean carrier = first == 100 && (second & 0xc0) == 64; // RFC 6598
            boolean protocol = first == 192 && second == 0 && bytes[2] == 0; // RFC 6890
            boolean benchmark = first == 198 && (second & 0xfe) == 18; // RFC 2544
            return first != 0 && first < 240 && !carrier && !protocol && !benchmark;
        }
        // Global unicast only, without the prefixes that carry an IPv4 address (RFC 3056, RFC 4380).
        boolean global = address instanceof Inet6Address && (bytes[0] & 0xe0) == 0x20;
        boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
        boolean teredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
        return global && !sixToFour && !teredo;
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }
}
