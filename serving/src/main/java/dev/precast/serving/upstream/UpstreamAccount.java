package dev.precast.serving.upstream;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Precast's own account at the upstream registry, for modes in which callers' credentials are not meant for it.
 *
 * @param username empty for none: the upstream is read as anybody may
 * @param realms hosts, beside the registry's own, that may hand out tokens and so see the password
 */
public record UpstreamAccount(String username, String password, Set<String> realms) {
    /** Nobody's. */
    public static final UpstreamAccount NONE = new UpstreamAccount("", "", Set.of());

    public UpstreamAccount {
        realms = realms.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public String toString() {
        return username.isEmpty() ? "UpstreamAccount[none]" : "UpstreamAccount[…]";
    }
}
