/** How far something that takes long has come, for people. */
@NullMarked
package dev.precast.launcher.progress;

import org.jspecify.annotations.NullMarked;
