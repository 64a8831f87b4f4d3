@NullMarked
package dev.precast.ingest.known;

import org.jspecify.annotations.NullMarked;
