@NullMarked
package dev.precast.launcher.progress;

import org.jspecify.annotations.NullMarked;
