/**
 * A real one-node Kafka broker in a JVM of its own. {@link dev.precast.broker.BrokerProcess} is the parent's side, {@link
 * dev.precast.broker.BrokerMain} the child's. Kafka's server classes are not public API: only {@code BrokerMain} and {@code
 * ServerProperties} know them.
 */
@NullMarked
package dev.precast.broker;

import org.jspecify.annotations.NullMarked;
