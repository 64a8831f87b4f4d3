/** The HTTP door for notifications: 200 only once the broker has them. */
@NullMarked
package dev.precast.ingest.webhook;

import org.jspecify.annotations.NullMarked;
