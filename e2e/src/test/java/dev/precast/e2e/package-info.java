/** The flow end to end, on real parts: a push to a real registry, the precast command, pulls by old clients. */
@NullMarked
package dev.precast.e2e;

import org.jspecify.annotations.NullMarked;
