/** The client side of the registry API: reads only, every byte verified, nothing followed that was not configured. */
@NullMarked
package dev.precast.ingest.registry;

import org.jspecify.annotations.NullMarked;
