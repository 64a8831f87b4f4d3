/** Whether strangers can tell what is there. */
@NullMarked
package dev.precast.serving.leaks;

import org.jspecify.annotations.NullMarked;
