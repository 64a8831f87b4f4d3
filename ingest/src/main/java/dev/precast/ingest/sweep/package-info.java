/** Comparing the registry with what is known of it. What differs becomes a hint: a sweep never writes an image itself. */
@NullMarked
package dev.precast.ingest.sweep;

import org.jspecify.annotations.NullMarked;
