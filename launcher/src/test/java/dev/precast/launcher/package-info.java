@NullMarked
package dev.precast.launcher;

import org.jspecify.annotations.NullMarked;
