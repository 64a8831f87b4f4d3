@NullMarked
package dev.precast.launcher.config;

import org.jspecify.annotations.NullMarked;
