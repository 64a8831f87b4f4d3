package dev.precast.serving.metrics;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Where what was sent came from. */
public enum Origin {
    /** Built ahead of time. */
    CONVERTED("converted"),
    /** Of the view, as it was pushed. */
    STORED("stored"),
    /** The upstream registry's answer. */
    UPSTREAM("upstream"),
    /** The 32 bytes that every schema 1 image names. */
    EMPTY_LAYER("empty-layer"),
    /** Precast's own words: errors, 304, the front door. */
    PRECAST("precast"),
    /** The answer broke off. */
    BROKEN("broken");

    private static final Map<String, Origin> BY_LABEL =
            Arrays.stream(values()).collect(Collectors.toMap(Origin::label, value -> value));

    private final String label;

    Origin(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** The one with this label; {@link #PRECAST} for any other. */
    public static Origin labelled(String label) {
        return BY_LABEL.getOrDefault(label, PRECAST);
    }
}
