@NullMarked
package dev.precast.ingest.sweep;

import org.jspecify.annotations.NullMarked;
