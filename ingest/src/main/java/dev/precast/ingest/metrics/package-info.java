/** What ingest counts and times. */
@NullMarked
package dev.precast.ingest.metrics;

import org.jspecify.annotations.NullMarked;
