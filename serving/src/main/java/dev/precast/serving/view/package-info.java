/**
 * The materialized view: a local RocksDB copy of {@code precast-variants} and {@code precast-settings}, fed by one thread and
 * read by all.
 */
@NullMarked
package dev.precast.serving.view;

import org.jspecify.annotations.NullMarked;
