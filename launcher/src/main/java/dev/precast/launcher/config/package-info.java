/** Which keys there are, and how flags, environment and file are joined. */
@NullMarked
package dev.precast.launcher.config;

import org.jspecify.annotations.NullMarked;
