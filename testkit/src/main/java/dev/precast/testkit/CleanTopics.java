package dev.precast.testkit;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
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
            admin.deleteTopics(admin.listTopics().names().get()).all().get();
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
            try {
                admin.deleteConsumerGroups(List.of(group)).all().get();
            } catch (ExecutionException e) {
                // Gone already; or still in use by something that an earlier test class did not end.
                if (e.getCause() instanceof GroupNotEmptyException) {
                    System.err.println("A consumer of an earlier test class still runs in the group " + group + ".");
                } else if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                    throw e;
                }
            }
        }
    }
}
