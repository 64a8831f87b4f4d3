/** What registries' notifications say, as hints. Pure: no HTTP, no Kafka, no clock. */
@NullMarked
package dev.precast.ingest.notification;

import org.jspecify.annotations.NullMarked;
