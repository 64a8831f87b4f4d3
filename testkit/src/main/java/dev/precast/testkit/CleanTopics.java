package dev.precast.testkit;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.awaitility.Awaitility;

/** Deletes every topic and consumer group of a cluster for tests, and makes the topics of the catalogue again. */
final class CleanTopics {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private CleanTopics() {}

    static void make(KafkaConfig config) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(config.clientProperties("testkit"))) {
            // Without internal topics (those of Kafka itself), but with the changelogs of Streams applications.
            Set<String> earlier = admin.listTopics().names().get();
            admin.deleteTopics(earlier).all().get();
            // The controller has deleted them; the broker, which is asked for topics, hears of it a moment later.
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> Collections.disjoint(admin.listTopics().names().get(), earlier));
            deleteGroups(admin);
            TopicAdmin topics = new TopicAdmin(admin, config);
            topics.apply(topics.plan());
            // Made is not yet known everywhere: a producer would find its topic missing for a moment.
            Awaitility.await().atMost(PATIENCE).until(() -> topics.plan().isEmpty());
        }
    }

    /** Offsets of the deleted topics would make a reader of the new ones skip records. */
    private static void deleteGroups(Admin admin) throws ExecutionException, InterruptedException {
        List<String> groups = admin.listGroups().all().get().stream()
                .map(GroupListing::groupId)
                .toList();
        for (String group : groups) {
            if (!deleted(admin, group)) {
                removeMembers(admin, group);
                if (!deleted(admin, group)) {
                    System.err.println("A consumer of an earlier test class still runs in the group " + group + ".");
                }
            }
        }
    }

    /** Whether it is gone; not while it has members. */
    private static boolean deleted(Admin admin, String group) throws ExecutionException, InterruptedException {
        try {
            admin.deleteConsumerGroups(List.of(group)).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return true;
            }
            if (e.getCause() instanceof GroupNotEmptyException) {
                return false;
            }
            throw e;
        }
    }

    /** Members of a process that was killed stay until their session ends. */
    private static void removeMembers(Admin admin, String group) throws InterruptedException {
        try {
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
                    .all()
                    .get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            // They went meanwhile, or groups of this kind cannot be told: deleting it says which.
        }
    }
}
