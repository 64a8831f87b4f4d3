/** Who may read what Precast itself holds. */
@NullMarked
package dev.precast.serving.auth;

import org.jspecify.annotations.NullMarked;
