/** Old clients, and what they found. */
@NullMarked
package dev.precast.e2e.client;

import org.jspecify.annotations.NullMarked;
