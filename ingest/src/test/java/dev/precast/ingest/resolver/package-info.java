@NullMarked
package dev.precast.ingest.resolver;

import org.jspecify.annotations.NullMarked;
