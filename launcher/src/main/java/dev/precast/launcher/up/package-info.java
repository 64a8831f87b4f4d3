/** Starting everything on one machine, and ending it in order. */
@NullMarked
package dev.precast.launcher.up;

import org.jspecify.annotations.NullMarked;
