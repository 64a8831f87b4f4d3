/** The subcommands of precast, one class each. */
@NullMarked
package dev.precast.launcher.command;

import org.jspecify.annotations.NullMarked;
