/** Reading and writing the topics of a running Precast, as its commands do. */
@NullMarked
package dev.precast.launcher.cluster;

import org.jspecify.annotations.NullMarked;
