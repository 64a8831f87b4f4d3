package dev.precast.serving.upstream;

import java.util.Set;

/**
 * Precast's own account at the upstream registry, for modes in which callers' credentials are not meant for it.
 *
 * @param username empty for none: the upstream is read as anybody may
 * @param realms beside the registry's own origin, in lower case: who may hand out tokens and so sees the password
 */
public record UpstreamAccount(String username, String password, Set<String> realms) {
    /** Nobody's. */
    public static final UpstreamAccount NONE = new UpstreamAccount("", "", Set.of());

    public UpstreamAccount {
        realms = Set.copyOf(realms);
    }

    @Override
    public String toString() {
        return username.isEmpty() ? "UpstreamAccount[none]" : "UpstreamAccount[…]";
    }
}
