/** What is known of schema 1 manifests as they lie: where the signed payload is. Building and signing them is the converter's. */
@NullMarked
package dev.precast.schemas.schema1;

import org.jspecify.annotations.NullMarked;
