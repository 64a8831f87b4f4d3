@NullMarked
package dev.precast.ingest.notification;

import org.jspecify.annotations.NullMarked;
