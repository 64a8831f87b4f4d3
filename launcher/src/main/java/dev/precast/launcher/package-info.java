/** The precast command. {@link dev.precast.launcher.Precast} is the entry point. */
@NullMarked
package dev.precast.launcher;

import org.jspecify.annotations.NullMarked;
