@NullMarked
package dev.precast.launcher.up;

import org.jspecify.annotations.NullMarked;
