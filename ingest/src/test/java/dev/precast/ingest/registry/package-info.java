@NullMarked
package dev.precast.ingest.registry;

import org.jspecify.annotations.NullMarked;
