/** The values that flow through the topics. Shapes are described in {@code docs/TOPICS.md}. */
@NullMarked
package dev.precast.schemas.record;

import org.jspecify.annotations.NullMarked;
