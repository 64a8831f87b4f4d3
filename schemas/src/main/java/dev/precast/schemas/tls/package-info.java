/** Certificates and keys of our own servers, as operators keep them. */
@NullMarked
package dev.precast.schemas.tls;

import org.jspecify.annotations.NullMarked;
