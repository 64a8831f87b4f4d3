package dev.precast.schemas.record;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.precast.schemas.image.Platform;
import java.util.List;

/**
 * Desired state of the repositories that a pattern matches. Key: the pattern.
 *
 * @param schemaConversion whether older formats are built; off unless a pattern says otherwise
 * @param platforms as {@code os/architecture[/variant]}, most wanted first; which image of a list or index old clients get;
 *     linux/amd64 when empty
 * @param wildcard what clients get that accept only a wildcard, such as curl; schema 1 when absent
 * @param strict whether clients that name types of which none fits get 404 instead of schema 1
 */
public record RepositorySettings(
        @JsonProperty("schema_conversion") boolean schemaConversion,
        @JsonProperty("platforms") List<String> platforms,

        @JsonProperty("wildcard") @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Wildcard.Default.class)
        Wildcard wildcard,

        @JsonProperty("strict") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        boolean strict) {
    public static final RepositorySettings OFF = new RepositorySettings(false, List.of());

    /** What a client gets that accepts anything. */
    public enum Wildcard {
        /** Schema 1, as from Docker Hub and Distribution 2.8: such clients were old ones more often than not. */
        @JsonProperty("schema1")
        SCHEMA1,
        /** The stored manifest. */
        @JsonProperty("native")
        NATIVE;

        /** For Jackson: equal to what need not be written. */
        static final class Default {
            @Override
            public boolean equals(Object other) {
                return other == null || other == SCHEMA1;
            }

            @Override
            public int hashCode() {
                return 0;
            }
        }
    }

    public RepositorySettings {
        platforms = platforms == null ? List.of() : List.copyOf(platforms);
        platforms.forEach(Platform::parse);
        wildcard = wildcard == null ? Wildcard.SCHEMA1 : wildcard;
    }

    /** Clients are told apart as Distribution 2.8 does. */
    public RepositorySettings(boolean schemaConversion, List<String> platforms) {
        this(schemaConversion, platforms, Wildcard.SCHEMA1, false);
    }

    /** The platforms in order, never empty. */
    public List<Platform> platformOrder() {
        return platforms.isEmpty()
                ? List.of(Platform.LINUX_AMD64)
                : platforms.stream().map(Platform::parse).toList();
    }
}
