/** The topic catalogue, record keys, partitioning, and how clients connect. */
@NullMarked
package dev.precast.schemas.kafka;

import org.jspecify.annotations.NullMarked;
