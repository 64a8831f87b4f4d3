package dev.precast.serving.metrics;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** What a request's path asks for. */
public enum Route {
    PING("ping"),
    MANIFEST_BY_TAG("manifest-by-tag"),
    MANIFEST_BY_DIGEST("manifest-by-digest"),
    BLOB("blob"),
    TAGS("tags"),
    REFERRERS("referrers"),
    CATALOG("catalog"),
    INVALID("invalid");

    private static final Map<String, Route> BY_LABEL =
            Arrays.stream(values()).collect(Collectors.toMap(Route::label, value -> value));

    private final String label;

    Route(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** The one with this label; {@link #INVALID} for any other. */
    public static Route labelled(String label) {
        return BY_LABEL.getOrDefault(label, INVALID);
    }
}
