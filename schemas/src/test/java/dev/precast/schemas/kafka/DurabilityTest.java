package dev.precast.schemas.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurabilityTest {
    @ParameterizedTest
    @CsvSource({
        "1, 1, false, found 1 replica",
        "2, 1, false, found 2 replicas and min.insync.replicas=1",
        "3, 1, false, found 3 replicas and min.insync.replicas=1",
        "3, 2, true, found unclean.leader.election.enable=true"
    })
    void topic_thatTheLossOfABrokerHarms(int replicas, int minInSync, boolean unclean, String found) {
        assertThat(new Durability(replicas, minInSync, unclean).weakness())
                .hasValueSatisfying(text -> assertThat(text).startsWith(found).contains("expected", "kafka-"));
    }

    @ParameterizedTest
    @CsvSource({"3, 2", "2, 2", "5, 3"})
    void topic_thatTheLossOfABrokerDoesNotHarm(int replicas, int minInSync) {
        assertThat(new Durability(replicas, minInSync, false).weakness()).isEmpty();
    }

    @Test
    void configuration_ofThreeReplicas() {
        assertThat(Durability.configuration(3))
                .isEqualTo(Map.of("min.insync.replicas", "2", "unclean.leader.election.enable", "false"));
        assertThat(Durability.configuration(2)).isEmpty();
        assertThat(Durability.configuration(-1)).isEmpty();
    }
}
