/** Health, metrics and a status page of what runs in this process. */
@NullMarked
package dev.precast.launcher.admin;

import org.jspecify.annotations.NullMarked;
