package dev.precast.serving.token;

import java.util.Set;

/**
 * What a checked token allows.
 *
 * @param repositories that may be pulled from
 * @param catalog whether the catalog may be asked for
 * @param notBefore epoch seconds
 * @param expires epoch seconds
 */
record Grants(Set<String> repositories, boolean catalog, long notBefore, long expires) {
    /** By how many seconds the clocks of issuer and registry may differ ({@code registry/auth/token/token.go} at v2.8.3). */
    static final long LEEWAY_SECONDS = 60;

    Grants {
        repositories = Set.copyOf(repositories);
    }

    boolean validAt(long epochSecond) {
        return epochSecond - LEEWAY_SECONDS < expires && epochSecond + LEEWAY_SECONDS >= notBefore;
    }

    /** Names of repositories are nobody else's business. */
    @Override
    public String toString() {
        return "Grants[" + repositories.size() + " repositories]";
    }
}
