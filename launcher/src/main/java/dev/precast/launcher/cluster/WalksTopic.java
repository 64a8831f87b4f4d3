package dev.precast.launcher.cluster;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.WalkRecord;
import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.record.WalkReport.Position;
import dev.precast.schemas.record.WalkRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** What is to be built anew, and how far the walks are, as it stands in its topic. */
public final class WalksTopic {
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConfig config;
    private final Clock clock;

    public WalksTopic(KafkaConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** Asks for everything that the pattern matches to be built anew; gives what then is to be covered. */
    public Position request(RepositoryPattern pattern) throws IOException, InterruptedException {
        AtomicLong newest = new AtomicLong();
        TopicScan.read(config, TopicCatalogue.WALKS, 0, found -> {
            if (read(found.value()) instanceof WalkRequest request) {
                newest.accumulateAndGet(request.version(), Math::max);
            }
        });
        long version = Math.max(ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()), newest.get() + 1);
        long offset = TopicWriter.write(
                config,
                TopicCatalogue.WALKS,
                Map.of(RecordKeys.walkRequest(pattern.text()), new WalkRequest(pattern.text(), version)));
        return new Position(-1, -1, offset);
    }

    /**
     * Follows the walks until every partition is where {@code target} is, or beyond.
     *
     * @param each told a few times a second how far it is
     */
    public WalkProgressSum await(Position target, Consumer<WalkProgressSum> each) throws IOException {
        int partitions = TopicScan.partitions(config, TopicCatalogue.IMAGES);
        WalkProgressSum[] sum = {WalkProgressSum.none(partitions, target)};
        TopicScan.follow(
                config,
                TopicCatalogue.WALKS,
                POLL,
                found -> {
                    if (read(found.value()) instanceof WalkReport report) {
                        sum[0] = sum[0].with(report);
                    }
                },
                () -> {
                    each.accept(sum[0]);
                    return sum[0].isDone();
                });
        return sum[0];
    }

    /** Null for a tombstone, and for what a newer release wrote. */
    private static @org.jspecify.annotations.Nullable WalkRecord read(
            byte @org.jspecify.annotations.Nullable [] value) {
        try {
            return value == null ? null : RecordJson.read(value, WalkRecord.class);
        } catch (IOException e) {
            return null;
        }
    }
}
