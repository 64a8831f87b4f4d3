/** The nouns of the field: digests, media types, references, descriptors and manifests. Pure values; no I/O. */
@NullMarked
package dev.precast.schemas.image;

import org.jspecify.annotations.NullMarked;
