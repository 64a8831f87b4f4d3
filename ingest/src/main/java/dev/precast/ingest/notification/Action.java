package dev.precast.ingest.notification;

import java.util.Locale;

/** What happened, in one vocabulary for all sources; the names in lower case are the actions of hints. */
public enum Action {
    PUSH,
    DELETE,
    /** A blob was made known in another repository. */
    MOUNT,
    PULL,
    /** Anything else that a source tells of: scans, quotas, builds, charts. */
    OTHER;

    /** As hints and metrics have it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of Distribution's own words ({@code notifications/event.go} at v2.8.3), which ACR and our generic form use too. */
    static Action ofDistribution(String word) {
        return switch (word) {
            case "push" -> PUSH;
            case "delete" -> DELETE;
            case "mount" -> MOUNT;
            case "pull" -> PULL;
            default -> OTHER;
        };
    }
}
