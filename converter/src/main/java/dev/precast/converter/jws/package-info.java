/**
 * Signing and verifying of schema 1 manifests ("pretty JWS"), byte for byte as libtrust does it, and the keys for it. Pure but for
 * the reading of key files.
 */
@NullMarked
package dev.precast.converter.jws;

import org.jspecify.annotations.NullMarked;
