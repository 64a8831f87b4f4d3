/** Docker schema 2 manifests and manifest lists from their OCI forms: pure. */
@NullMarked
package dev.precast.converter.docker2;

import org.jspecify.annotations.NullMarked;
