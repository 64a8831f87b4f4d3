package dev.precast.schemas.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/** Compares the catalogue with a cluster, and brings the cluster to it. */
public final class TopicAdmin {
    /**
     * One difference.
     *
     * @param topic its name
     * @param missing whether the topic does not exist
     * @param found configuration that differs, as found
     * @param expected configuration that differs, as the catalogue has it
     * @param unfixable what only an operator can mend; absent when {@link TopicAdmin#apply} can
     */
    public record Difference(
            String topic,
            boolean missing,
            Map<String, String> found,
            Map<String, String> expected,
            Optional<String> unfixable) {
        @Override
        public String toString() {
            if (missing) {
                return topic + ": missing";
            }
            String settings = expected.entrySet().stream()
                    .map(e -> e.getKey() + " is " + found.get(e.getKey()) + ", expected " + e.getValue())
                    .collect(Collectors.joining("; "));
            return topic + ": "
                    + unfixable
                            .map(text -> settings.isEmpty() ? text : text + "; " + settings)
                            .orElse(settings);
        }
    }

    private final Admin admin;
    private final KafkaConfig config;

    public TopicAdmin(Admin admin, KafkaConfig config) {
        this.admin = admin;
        this.config = config;
    }

    /** What differs, in the order of the catalogue; empty when nothing does. */
    public List<Difference> plan() throws InterruptedException, ExecutionException {
        Set<String> existing = admin.listTopics().names().get();
        List<Topic<?>> present = TopicCatalogue.ALL.stream()
                .filter(t -> existing.contains(t.name()))
                .toList();
        Map<String, TopicDescription> descriptions = admin.describeTopics(
                        present.stream().map(Topic::name).toList())
                .allTopicNames()
                .get();
        Map<ConfigResource, Config> configs = admin.describeConfigs(
                        present.stream().map(t -> resource(t.name())).toList())
                .all()
                .get();
        List<Difference> differences = new ArrayList<>();
        int partitions = agreedPartitions(descriptions);
        for (Topic<?> topic : TopicCatalogue.ALL) {
            TopicDescription description = descriptions.get(topic.name());
            if (description == null) {
                differences.add(new Difference(topic.name(), true, Map.of(), topic.config(), Optional.empty()));
                continue;
            }
            Config actual = Objects.requireNonNull(configs.get(resource(topic.name())));
            difference(topic, description, actual, partitions).ifPresent(differences::add);
        }
        return differences;
    }

    /**
     * Creates what is missing and corrects what differs.
     *
     * @throws IllegalStateException if something differs that cannot be changed safely, such as the number of partitions
     */
    public void apply(Collection<Difference> differences) throws InterruptedException, ExecutionException {
        for (Difference difference : differences) {
            difference.unfixable().ifPresent(text -> {
                throw new IllegalStateException("Cannot correct topic " + difference.topic() + ": " + text);
            });
        }
        for (Difference difference : differences) {
            if (difference.missing()) {
                create(difference);
            } else {
                correct(difference);
            }
        }
    }

    private void create(Difference difference) throws InterruptedException, ExecutionException {
        Topic<?> topic = topic(difference.topic());
        NewTopic wanted = new NewTopic(
                topic.name(),
                Optional.of(topic.partitioned() ? existingPartitions().orElse(config.partitions()) : 1),
                config.replicationFactor() < 0 ? Optional.empty() : Optional.of(config.replicationFactor()));
        try {
            admin.createTopics(List.of(wanted.configs(topic.config()))).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause()
                    instanceof TopicExistsException)) { // Another role was faster: same catalogue, same topic.
                throw e;
            }
        }
    }

    private void correct(Difference difference) throws InterruptedException, ExecutionException {
        List<AlterConfigOp> operations = difference.expected().entrySet().stream()
                .map(e -> new AlterConfigOp(new ConfigEntry(e.getKey(), e.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        admin.incrementalAlterConfigs(Map.of(resource(difference.topic()), operations))
                .all()
                .get();
    }

    private Optional<Integer> existingPartitions() throws InterruptedException, ExecutionException {
        Set<String> existing = admin.listTopics().names().get();
        List<String> present = TopicCatalogue.ALL.stream()
                .filter(Topic::partitioned)
                .map(Topic::name)
                .filter(existing::contains)
                .toList();
        return admin.describeTopics(present).allTopicNames().get().values().stream()
                .map(description -> description.partitions().size())
                .findFirst();
    }

    private int agreedPartitions(Map<String, TopicDescription> descriptions) {
        return TopicCatalogue.ALL.stream()
                .filter(Topic::partitioned)
                .flatMap(t -> Stream.ofNullable(descriptions.get(t.name())))
                .map(description -> description.partitions().size())
                .findFirst()
                .orElse(config.partitions());
    }

    private static Optional<Difference> difference(
            Topic<?> topic, TopicDescription description, Config actual, int partitions) {
        Map<String, String> found = new TreeMap<>();
        Map<String, String> expected = new TreeMap<>();
        topic.config().forEach((key, value) -> {
            ConfigEntry entry = actual.get(key);
            String now = entry == null ? "" : entry.value();
            if (!value.equals(now) && !(key.equals("max.message.bytes") && atLeast(now, value))) {
                found.put(key, now);
                expected.put(key, value);
            }
        });
        int count = description.partitions().size();
        int wanted = topic.partitioned() ? partitions : 1;
        Optional<String> unfixable = count == wanted
                ? Optional.empty()
                : Optional.of(
                        "has " + count + " partitions, expected " + wanted
                                + ". Partition counts are never changed silently: keys would move. Recreate the topic, or use other topics.");
        return expected.isEmpty() && unfixable.isEmpty()
                ? Optional.empty()
                : Optional.of(new Difference(topic.name(), false, found, expected, unfixable));
    }

    private static boolean atLeast(String found, String expected) {
        return !found.isEmpty() && Long.parseLong(found) >= Long.parseLong(expected);
    }

    private static Topic<?> topic(String name) {
        return TopicCatalogue.ALL.stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Not in the catalogue: " + name));
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }
}
