/** What is counted and timed. */
@NullMarked
package dev.precast.serving.metrics;

import org.jspecify.annotations.NullMarked;
