package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.WalkRecord;
import dev.precast.schemas.record.WalkReport;
import dev.precast.testkit.TopicContents;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What converters say of their walks. */
final class WalkReports {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private WalkReports() {}

    /** Waits until the newest report of every partition says that it is as desired, and is one of those wanted. */
    static void awaitDone(KafkaConfig kafka, Predicate<WalkReport> wanted) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            Map<Integer, WalkReport> newest = newest(kafka);
            assertThat(newest).hasSize(kafka.partitions());
            assertThat(newest.values()).allMatch(WalkReport::done).allMatch(wanted);
        });
    }

    /** By partition. */
    private static Map<Integer, WalkReport> newest(KafkaConfig kafka) throws IOException {
        Map<Integer, WalkReport> newest = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : TopicContents.of(kafka, TopicCatalogue.WALKS)) {
            if (RecordJson.read(record.value(), WalkRecord.class) instanceof WalkReport report) {
                newest.put(report.partition(), report);
            }
        }
        return newest;
    }
}
