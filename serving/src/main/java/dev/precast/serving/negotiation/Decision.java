package dev.precast.serving.negotiation;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;

/** What a client gets for a tag. */
public sealed interface Decision {
    /**
     * A manifest that lies ready.
     *
     * @param mediaType which of the tag's offers
     * @param digest of the manifest, in the tag's repository
     */
    record Serve(String mediaType, Digest digest) implements Decision {}

    /**
     * What the upstream registry answers: the stored manifest.
     *
     * @param byWildcard whether the client takes it by a wildcard only. Distribution 2.8 does not read wildcards: the upstream
     *     has to be asked for the stored type by name.
     */
    record PassThrough(boolean byWildcard) implements Decision {}

    /** Nothing that the client accepts. */
    record Refuse(RegistryError error) implements Decision {}
}
