package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class CommitsTest {
    private static final TopicPartition PARTITION = new TopicPartition("precast-hints", 1);

    private final Commits commits = new Commits();
    private final OffsetTracker tracker = new OffsetTracker();
    private final Map<TopicPartition, OffsetTracker> trackers = Map.of(PARTITION, tracker);

    @Test
    void due_saysWhatDiffersOnly() {
        tracker.begin(4);

        assertThat(due("walking")).isEqualTo(Map.of(PARTITION, new OffsetAndMetadata(4, "walking")));
        commits.done(due("walking"));
        assertThat(due("walking")).isEmpty();
        assertThat(due("there")).isEqualTo(Map.of(PARTITION, new OffsetAndMetadata(4, "there")));
    }

    @Test
    void requestThatIsFinishedMeanwhile_isNotSaidWithTheStateBefore() {
        tracker.begin(4);
        commits.done(due("walking"));

        Map<TopicPartition, OffsetAndMetadata> due = commits.due(trackers, partition -> {
            tracker.finish(4); // By another thread, after the state was taken.
            return Optional.of("walking");
        });

        assertThat(due).isEmpty();
        assertThat(due("ended")).isEqualTo(Map.of(PARTITION, new OffsetAndMetadata(5, "ended")));
    }

    @Test
    void state_thatIsNotKnown_isTheLastThatWas() {
        tracker.begin(4);
        due("walking");

        assertThat(commits.due(trackers, partition -> Optional.empty()))
                .isEqualTo(Map.of(PARTITION, new OffsetAndMetadata(4, "walking")));
    }

    @Test
    void forgottenPartition_isSaidAgain() {
        tracker.begin(4);
        commits.done(due("walking"));
        commits.forget(List.of(PARTITION));

        assertThat(commits.due(trackers, partition -> Optional.empty()))
                .isEqualTo(Map.of(PARTITION, new OffsetAndMetadata(4, "")));
    }

    private Map<TopicPartition, OffsetAndMetadata> due(String state) {
        return commits.due(trackers, partition -> Optional.of(state));
    }
}
