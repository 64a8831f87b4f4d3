package dev.precast.launcher.up;

import dev.precast.launcher.cluster.Cluster;
import dev.precast.launcher.cluster.SettingsTopic;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/** What {@code up} brings a cluster to before the roles start. */
final class KafkaSteps {
    private KafkaSteps() {}

    /**
     * Makes the topics that are missing; returns what was done. Differences of topics that exist are an operator's to mend.
     *
     * @param ours whether there is no operator, because the broker is our own
     */
    static String makeTopics(KafkaConfig config, boolean ours) throws IOException, InterruptedException {
        try (Admin admin = Cluster.admin(config)) {
            TopicAdmin topics = new TopicAdmin(admin, config);
            List<TopicAdmin.Difference> differences = topics.plan();
            List<TopicAdmin.Difference> wrong = differences.stream()
                    .filter(d -> !d.missing() && d.hinders())
                    .toList();
            if (!wrong.isEmpty()) {
                throw new IOException(
                        "Cannot use the topics at " + config.bootstrapServers() + ": " + wrong.get(0)
                                + ". Run `precast topics plan` to see every difference, and `precast topics apply` to mend them.");
            }
            topics.apply(differences.stream().filter(d -> ours || d.missing()).toList());
            long made = differences.stream().filter(d -> d.missing()).count();
            return made == 0
                    ? TopicCatalogue.ALL.size() + " checked"
                    : made + " made, " + (TopicCatalogue.ALL.size() - made) + " checked";
        } catch (ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    /**
     * Says which topics the loss of a broker would harm.
     *
     * @throws IOException if there are any and {@code kafka.durability} is strict
     */
    static void weigh(KafkaConfig config, Progress progress) throws IOException, InterruptedException {
        List<String> weaknesses;
        try (Admin admin = Cluster.admin(config)) {
            weaknesses = new TopicAdmin(admin, config).weaknesses();
        } catch (ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
        weaknesses.forEach(weakness -> progress.say("WARNING: " + weakness));
        if (config.strict() && !weaknesses.isEmpty()) {
            throw new IOException("Cannot start with " + KafkaConfig.DURABILITY + "=strict: " + weaknesses.get(0));
        }
    }

    /** Turns conversion on where it is not on yet; platforms that were set stay. */
    static String enable(KafkaConfig config, Collection<RepositoryPattern> patterns)
            throws IOException, InterruptedException {
        SettingsTopic topic = new SettingsTopic(config);
        Map<String, RepositorySettings> current = topic.read();
        Map<RepositoryPattern, RepositorySettings> changes = new LinkedHashMap<>();
        for (RepositoryPattern pattern : patterns) {
            RepositorySettings before = current.getOrDefault(pattern.text(), RepositorySettings.OFF);
            if (!before.schemaConversion()) {
                changes.put(
                        pattern, new RepositorySettings(true, before.platforms(), before.wildcard(), before.strict()));
            }
        }
        topic.write(changes);
        long on = current.values().stream()
                        .filter(RepositorySettings::schemaConversion)
                        .count()
                + changes.size();
        return on == 0
                ? "conversion is off: turn it on with `precast repos enable PATTERN`"
                : "conversion is on for " + on + (on == 1 ? " pattern" : " patterns");
    }
}
