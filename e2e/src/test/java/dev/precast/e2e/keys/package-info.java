/** Keys that change while everything runs, and how long it takes to sign everything anew. */
@NullMarked
package dev.precast.e2e.keys;

import org.jspecify.annotations.NullMarked;
