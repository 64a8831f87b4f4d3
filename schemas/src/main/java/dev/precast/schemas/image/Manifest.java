package dev.precast.schemas.image;

import java.util.List;

/** A parsed view of a manifest. The bytes it was parsed from are kept beside it, never re-made from it. */
public sealed interface Manifest {
    /** One of the six manifest types in {@link MediaTypes}. */
    String mediaType();

    /**
     * Schema 2 or OCI image manifest.
     *
     * @param layers oldest (base) first
     */
    record Image(String mediaType, Descriptor config, List<Descriptor> layers) implements Manifest {
        public Image {
            layers = List.copyOf(layers);
        }
    }

    /**
     * Manifest list or OCI image index.
     *
     * @param manifests in the order of the document
     */
    record Index(String mediaType, List<Descriptor> manifests) implements Manifest {
        public Index {
            manifests = List.copyOf(manifests);
        }
    }

    /** A schema 1 manifest that was pushed as such. Nothing of it is interpreted: it is returned as is. */
    record Schema1(String mediaType) implements Manifest {}
}
