package dev.precast.schemas.net;

import java.net.URI;
import java.util.Optional;
import java.util.Set;

/**
 * Who may hand out tokens for the registry, and so sees the account's password: the registry's own origin, and hosts that the
 * operator has named. A challenge is only the registry's word, and a registry can be made to say anything (CVE-2020-15157,
 * CVE-2026-33540).
 *
 * @param registry the upstream registry's URL
 * @param listed as {@link Origin#isListed} reads them
 */
public record TokenRealms(URI registry, Set<String> listed) {
    public TokenRealms {
        listed = Set.copyOf(listed);
    }

    /** Never over http when the registry is asked over https, never with credentials or a fragment in the URL. */
    public boolean allows(URI realm) {
        Optional<Origin> own = Origin.of(registry);
        Optional<Origin> asked = Origin.of(realm);
        if (own.isEmpty() || asked.isEmpty() || realm.getRawUserInfo() != null || realm.getRawFragment() != null) {
            return false;
        }
        boolean noWeaker = asked.get().isHttps() || !own.get().isHttps();
        return noWeaker && (asked.equals(own) || asked.get().isListed(listed));
    }
}
