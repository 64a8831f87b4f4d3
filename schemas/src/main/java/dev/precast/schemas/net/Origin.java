package dev.precast.schemas.net;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Scheme, host and port of a URL (RFC 6454 §4): whoever has all three of them is the same. Another port of a host is somebody else.
 *
 * @param scheme in lower case
 * @param host in lower case; IPv6 addresses in brackets
 * @param port also where the URL leaves it out
 */
public record Origin(String scheme, String host, int port) {
    /** Empty without a host, or in a scheme that is neither http nor https. */
    public static Optional<Origin> of(URI url) {
        if (url.getHost() == null || url.getScheme() == null) {
            return Optional.empty();
        }
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        boolean https = scheme.equals("https");
        if (!https && !scheme.equals("http")) {
            return Optional.empty();
        }
        int port = url.getPort() >= 0 ? url.getPort() : https ? 443 : 80;
        return Optional.of(new Origin(scheme, url.getHost().toLowerCase(Locale.ROOT), port));
    }

    public boolean isHttps() {
        return scheme.equals("https");
    }

    /**
     * Whether a list of the configuration has it.
     *
     * @param hosts in lower case: a host, which means every port of it; {@code host:port}; or {@code *.suffix} for every host that ends in
     *     {@code .suffix}
     */
    public boolean isListed(Set<String> hosts) {
        return hosts.contains(host)
                || hosts.contains(host + ":" + port)
                || hosts.stream().anyMatch(listed -> listed.startsWith("*.") && host.endsWith(listed.substring(1)));
    }
}
