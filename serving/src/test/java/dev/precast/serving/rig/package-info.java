/** Rigs: run by a command of their own, some of them small in the build. */
@NullMarked
package dev.precast.serving.rig;

import org.jspecify.annotations.NullMarked;
