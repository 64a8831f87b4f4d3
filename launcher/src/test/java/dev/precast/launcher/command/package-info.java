@NullMarked
package dev.precast.launcher.command;

import org.jspecify.annotations.NullMarked;
