@NullMarked
package dev.precast.launcher.layout;

import org.jspecify.annotations.NullMarked;
