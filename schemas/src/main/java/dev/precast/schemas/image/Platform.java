package dev.precast.schemas.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What an image runs on, as a list or index names it.
 *
 * @param variant CPU variant such as {@code v8}; absent when the entry has none
 * @param osVersion {@code os.version}, used by Windows images; absent when the entry has none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Platform(
        String os,
        String architecture,
        @Nullable String variant,
        @JsonProperty("os.version") @Nullable String osVersion) {
    public static final Platform LINUX_AMD64 = new Platform("linux", "amd64", null, null);

    /**
     * Reads {@code os/architecture[/variant]}.
     *
     * @throws IllegalArgumentException if {@code text} has another form
     */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2
                || parts.length > 3
                || java.util.Arrays.stream(parts).anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("Cannot read platform \"" + text
                    + "\": expected os/architecture[/variant], for example linux/amd64.");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : null, null);
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant)
                + (osVersion == null ? "" : ":" + osVersion);
    }
}
