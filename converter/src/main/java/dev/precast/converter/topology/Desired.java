package dev.precast.converter.topology;

import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.record.RepositorySettings;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What decides a tag's variants besides its image.
 *
 * @param settings in force for the repository
 * @param keys all of which sign
 * @param ephemeral whether the keys were made for this run only; then what an earlier run's key signed counts as up to date, so
 *     that a restart without configured keys re-signs nothing
 */
record Desired(RepositorySettings settings, List<SigningKey> keys, boolean ephemeral) {
    /** Raised when the same image, settings and keys would give other bytes than before; everything is rebuilt then. */
    static final int CONVERTER_REVISION = 1;

    Desired {
        keys = List.copyOf(keys);
    }

    /** Says when two builds of the same image would be the same; readable, since operators see it in {@code precast inspect}. */
    String builtWith() {
        String platforms =
                settings.platformOrder().stream().map(Object::toString).collect(Collectors.joining(","));
        return keysAndRevision(keys, ephemeral) + " platforms=" + platforms;
    }

    static String keysAndRevision(List<SigningKey> keys, boolean ephemeral) {
        String keyIds = ephemeral
                ? "ephemeral"
                : keys.stream().map(SigningKey::keyId).sorted().collect(Collectors.joining(","));
        return "revision=" + CONVERTER_REVISION + " keys=" + keyIds;
    }
}
