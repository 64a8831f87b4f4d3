/**
 * The converter's topology: the only part that sees Kafka Streams. Start at {@link dev.precast.converter.topology.ConverterTopology}.
 */
@NullMarked
package dev.precast.converter.topology;

import org.jspecify.annotations.NullMarked;
