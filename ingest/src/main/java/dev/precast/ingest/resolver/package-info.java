/** Hints to image records: reads a tag until what it reads agrees with the newest hint. */
@NullMarked
package dev.precast.ingest.resolver;

import org.jspecify.annotations.NullMarked;
