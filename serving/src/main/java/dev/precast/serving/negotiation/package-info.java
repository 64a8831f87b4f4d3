/** Which representation of a manifest a client gets. Pure: no HTTP, no Kafka, no clock. */
@NullMarked
package dev.precast.serving.negotiation;

import org.jspecify.annotations.NullMarked;
