@NullMarked
package dev.precast.ingest.webhook;

import org.jspecify.annotations.NullMarked;
