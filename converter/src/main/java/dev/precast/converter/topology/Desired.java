package dev.precast.converter.topology;

import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.record.RepositorySettings;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What decides a tag's variants besides its image.
 *
 * @param settings in force for the repository
 * @param forced version of the newest request to build it anew; 0 when there is none
 */
record Desired(RepositorySettings settings, Signers signers, long forced) {
    /** Raised when the same image, settings and keys would give other bytes than before; everything is rebuilt then. */
    static final int CONVERTER_REVISION = 1;

    /** All of which sign. */
    List<SigningKey> keys() {
        return signers.keys();
    }

    /** What a build now would be remembered by. */
    BuiltWith builtWith() {
        return new BuiltWith(CONVERTER_REVISION, signers.signing(), platforms());
    }

    /** Whether a build is as it should be, whoever made it. */
    boolean isMetBy(BuiltWith built) {
        return built.equals(new BuiltWith(CONVERTER_REVISION, signers.wanted(), platforms()));
    }

    /**
     * Whether a build is to be left alone: it is as it should be, or only lacks signatures that cannot be made here. A build that
     * another converter made with keys that are missing here is never replaced by a lesser one.
     */
    boolean isKept(BuiltWith built) {
        if (isMetBy(built)) {
            return true;
        }
        Set<String> missing = signers.missing();
        return !missing.isEmpty()
                && built.revision() == CONVERTER_REVISION
                && built.platforms().equals(platforms())
                && signers.wanted().containsAll(built.keys())
                && (built.keys().containsAll(signers.signing())
                        || built.keys().stream().anyMatch(missing::contains));
    }

    private String platforms() {
        return settings.platformOrder().stream().map(Object::toString).collect(Collectors.joining(","));
    }
}
