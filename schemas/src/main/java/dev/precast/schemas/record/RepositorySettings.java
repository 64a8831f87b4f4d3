package dev.precast.schemas.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.precast.schemas.image.Platform;
import java.util.List;

/**
 * Desired state of the repositories that a pattern matches. Key: the pattern.
 *
 * @param schemaConversion whether older formats are built; off unless a pattern says otherwise
 * @param platforms as {@code os/architecture[/variant]}, most wanted first; which image of a list or index old clients get;
 *     linux/amd64 when empty
 */
public record RepositorySettings(
        @JsonProperty("schema_conversion") boolean schemaConversion,
        @JsonProperty("platforms") List<String> platforms) {
    public static final RepositorySettings OFF = new RepositorySettings(false, List.of());

    public RepositorySettings {
        platforms = platforms == null ? List.of() : List.copyOf(platforms);
        platforms.forEach(Platform::parse);
    }

    /** The platforms in order, never empty. */
    public List<Platform> platformOrder() {
        return platforms.isEmpty()
                ? List.of(Platform.LINUX_AMD64)
                : platforms.stream().map(Platform::parse).toList();
    }
}
