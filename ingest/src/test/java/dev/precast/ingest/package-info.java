@NullMarked
package dev.precast.ingest;

import org.jspecify.annotations.NullMarked;
