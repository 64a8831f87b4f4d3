package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ResolverState;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ScriptedRegistry;
import dev.precast.testkit.TopicContents;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A sweep that somebody asked for, and an ingest that is killed in the middle of it. */
@ExtendWith(KafkaExtension.class)
class SyncResumeIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int REPOSITORIES = 60;

    private final ScriptedRegistry registry = ScriptedRegistry.start();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void sweep_goesOnWhereTheKilledProcessWas(KafkaConfig kafka) throws Exception {
        // All of one partition, so that one request covers them.
        Set<String> repositories = new TreeSet<>();
        int partition = TopicCatalogue.partition("resumed/r", kafka.partitions());
        for (int i = 0; repositories.size() < REPOSITORIES; i++) {
            String repository = "resumed/r" + i;
            if (TopicCatalogue.partition(repository, kafka.partitions()) == partition) {
                byte[] config = Images.config(repository);
                registry.blob(repository, config);
                registry.manifest(repository, "v1", MediaTypes.SCHEMA2, Images.schema2(config));
                repositories.add(repository);
            }
        }
        ResolverState.Sweep half;
        try (IngestProcess process = start(kafka, "10")) {
            TopicContents.put(kafka, TopicCatalogue.HINTS, partition, request());
            half = await().atMost(SOON)
                    .until(
                            () -> sweep(kafka, partition),
                            found -> found.filter(s -> s.repositoriesDone() >= 15)
                                    .isPresent())
                    .orElseThrow();
            assertThat(process.isAlive()).isTrue();
        }
        String doneUpTo = Objects.requireNonNull(half.doneUpTo());
        assertThat(half.ended()).isFalse();
        int before = requestsAtRest();

        try (IngestProcess process = start(kafka, "1000")) {
            ResolverState.Sweep end = await().atMost(SOON)
                    .until(
                            () -> sweep(kafka, partition),
                            found -> found.filter(ResolverState.Sweep::ended).isPresent())
                    .orElseThrow();
            assertThat(end.repositoriesDone()).isEqualTo(REPOSITORIES);
            assertThat(end.repositories()).isEqualTo(REPOSITORIES);
            assertThat(end.tagsDone()).isGreaterThanOrEqualTo(REPOSITORIES);
            assertThat(process.isAlive()).isTrue();
        }
        List<String> later = listed(before);
        assertThat(later).doesNotHaveDuplicates().allMatch(repository -> repository.compareTo(doneUpTo) > 0);
        Set<String> both = new HashSet<>(listed(0));
        assertThat(both).isEqualTo(repositories);
    }

    /** What a killed process has sent may still arrive. */
    private int requestsAtRest() {
        AtomicInteger requests = new AtomicInteger(-1);
        await().atMost(SOON).pollInterval(Duration.ofMillis(300)).until(() -> {
            int now = registry.requests().size();
            return requests.getAndSet(now) == now;
        });
        return requests.get();
    }

    private static Hint request() {
        return new Hint("test", Hint.SYNC, Hint.EVERY_REPOSITORY, null, null, "id", Instant.now());
    }

    /** Repositories whose tags were listed, in order, from that request on. */
    private List<String> listed(int from) {
        List<String> found = new ArrayList<>();
        List<ScriptedRegistry.Request> requests = registry.requests();
        for (ScriptedRegistry.Request request : requests.subList(from, requests.size())) {
            if (request.path().endsWith("/tags/list")) {
                found.add(
                        request.path().substring("/v2/".length(), request.path().length() - "/tags/list".length()));
            }
        }
        return found;
    }

    private static Optional<ResolverState.Sweep> sweep(KafkaConfig kafka, int partition) throws Exception {
        try (Admin admin = Admin.create(kafka.clientProperties("test-offsets"))) {
            OffsetAndMetadata committed = admin.listConsumerGroupOffsets(ResolverState.GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(new TopicPartition(TopicCatalogue.HINTS.name(), partition));
            return ResolverState.fromMetadata(committed == null ? null : committed.metadata())
                    .map(ResolverState::sweep);
        }
    }

    private IngestProcess start(KafkaConfig kafka, String rate) throws Exception {
        return IngestProcess.start(
                kafka,
                registry.url(),
                Map.of("sweep.enabled", "false", "sweep.requested.rate", rate, "sweep.rate.max", "1000"));
    }
}
