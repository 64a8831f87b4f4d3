@NullMarked
package dev.precast.serving.metrics;

import org.jspecify.annotations.NullMarked;
