@NullMarked
package dev.precast.launcher.cluster;

import org.jspecify.annotations.NullMarked;
