/** What integration tests stand on. {@link dev.precast.testkit.KafkaExtension} gives them a real Kafka. */
@NullMarked
package dev.precast.testkit;

import org.jspecify.annotations.NullMarked;
