package dev.precast.ingest.resolver;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What is to be committed of partitions: how far their hints are finished, and beside it what the next process and {@code precast
 * sync} must know. One thread only; the trackers may be others' too.
 */
final class Commits {
    private final Map<TopicPartition, String> states = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();

    /**
     * What differs from what was committed last. The offsets are taken first: whoever reads that a request is finished reads in the
     * same commit that its sweep has ended.
     *
     * @param state metadata of a partition now; absent while it is not known, and what was known last counts
     */
    Map<TopicPartition, OffsetAndMetadata> due(
            Map<TopicPartition, OffsetTracker> trackers, Function<TopicPartition, Optional<String>> state) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        trackers.forEach(
                (partition, tracker) -> tracker.committable().ifPresent(offset -> offsets.put(partition, offset)));
        trackers.keySet().forEach(partition -> state.apply(partition).ifPresent(known -> states.put(partition, known)));
        Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>();
        offsets.forEach((partition, offset) -> {
            OffsetAndMetadata next = new OffsetAndMetadata(offset, states.getOrDefault(partition, ""));
            if (!next.equals(done.get(partition))) {
                due.put(partition, next);
            }
        });
        return due;
    }

    /** These were committed. */
    void done(Map<TopicPartition, OffsetAndMetadata> offsets) {
        done.putAll(offsets);
    }

    /** The partitions go to another process. */
    void forget(Collection<TopicPartition> partitions) {
        done.keySet().removeAll(partitions);
        states.keySet().removeAll(partitions);
    }
}
