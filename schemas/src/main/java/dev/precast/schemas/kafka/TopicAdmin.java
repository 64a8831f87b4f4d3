package dev.precast.schemas.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Compares the catalogue with a cluster, and brings the cluster to it. */
public final class TopicAdmin {
    private static final String RETENTION_BYTES = "retention.bytes";

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
        /** Whether roles cannot work with the topic as it is. What only lets it grow is no such thing. */
        public boolean hinders() {
            return unfixable.isPresent() || !expected.keySet().equals(Set.of(RETENTION_BYTES));
        }

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
        Map<String, TopicDescription> descriptions = descriptions();
        Map<ConfigResource, Config> configs = configs(descriptions.keySet());
        List<Difference> differences = new ArrayList<>();
        int agreed = partitions(descriptions).orElse(config.partitions());
        for (Topic<?> topic : TopicCatalogue.ALL) {
            TopicDescription description = descriptions.get(topic.name());
            Config actual = configs.get(resource(topic.name()));
            if (description == null || actual == null) {
                differences.add(new Difference(topic.name(), true, Map.of(), topic.config(), Optional.empty()));
                continue;
            }
            difference(topic, description, actual, agreed).ifPresent(differences::add);
        }
        return differences;
    }

    /**
     * What is wrong with the topics of the catalogue that exist, when a broker is lost: one sentence for all topics that have it in
     * common; empty when nothing is.
     */
    public List<String> weaknesses() throws InterruptedException, ExecutionException {
        Map<String, TopicDescription> descriptions = descriptions();
        Map<ConfigResource, Config> configs = configs(descriptions.keySet());
        Map<String, List<String>> topics = new LinkedHashMap<>();
        descriptions.forEach((name, description) -> {
            Config config = configs.get(resource(name));
            if (config != null) {
                durability(description, config)
                        .weakness()
                        .ifPresent(weakness -> topics.computeIfAbsent(weakness, w -> new ArrayList<>())
                                .add(name));
            }
        });
        return topics.entrySet().stream()
                .map(found -> (found.getValue().size() == TopicCatalogue.ALL.size()
                                ? "All topics"
                                : String.join(", ", found.getValue()))
                        + ": " + found.getKey())
                .toList();
    }

    /** Of the topics of the catalogue that are there, by name, in its order. */
    private Map<String, TopicDescription> descriptions() throws InterruptedException, ExecutionException {
        Set<String> existing = admin.listTopics().names().get();
        List<String> names = TopicCatalogue.ALL.stream()
                .map(Topic::name)
                .filter(existing::contains)
                .toList();
        return present(admin.describeTopics(names).topicNameValues(), names);
    }

    private Map<ConfigResource, Config> configs(Collection<String> names)
            throws InterruptedException, ExecutionException {
        List<ConfigResource> resources =
                names.stream().map(TopicAdmin::resource).toList();
        return present(admin.describeConfigs(resources).values(), resources);
    }

    /**
     * Without the topics that are not there. Between two questions a topic may go, and brokers hear of a new one at different
     * times: what the one has listed, the next may not know.
     */
    private static <K, V> Map<K, V> present(Map<K, KafkaFuture<V>> answers, List<K> order)
            throws InterruptedException, ExecutionException {
        Map<K, V> present = new LinkedHashMap<>();
        for (K key : order) {
            try {
                present.put(key, Objects.requireNonNull(answers.get(key)).get());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return present;
    }

    private static Durability durability(TopicDescription description, Config config) {
        return new Durability(
                description.partitions().stream()
                        .mapToInt(partition -> partition.replicas().size())
                        .min()
                        .orElse(0),
                Integer.parseInt(value(config, Durability.MIN_IN_SYNC, "1")),
                Boolean.parseBoolean(value(config, Durability.UNCLEAN, "false")));
    }

    private static String value(Config config, String key, String otherwise) {
        ConfigEntry entry = config.get(key);
        return entry == null || entry.value() == null ? otherwise : entry.value();
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
                set(difference.topic(), difference.expected());
            }
        }
    }

    private void create(Difference difference) throws InterruptedException, ExecutionException {
        Topic<?> topic = topic(difference.topic());
        boolean byCluster = config.replicationFactor() < 0;
        NewTopic wanted = new NewTopic(
                topic.name(),
                Optional.of(topic.partitioned() ? partitions(descriptions()).orElse(config.partitions()) : 1),
                byCluster ? Optional.empty() : Optional.of(config.replicationFactor()));
        Map<String, String> settings = new HashMap<>(topic.config());
        settings.putAll(Durability.configuration(config.replicationFactor()));
        try {
            CreateTopicsResult made = admin.createTopics(List.of(wanted.configs(settings)));
            made.all().get();
            if (byCluster) { // Only now it is known how many replicas that is.
                Map<String, String> durable = Durability.configuration(
                        made.replicationFactor(topic.name()).get());
                if (!durable.isEmpty()) {
                    set(topic.name(), durable);
                }
            }
        } catch (ExecutionException e) {
            if (!(e.getCause()
                    instanceof TopicExistsException)) { // Another role was faster: same catalogue, same topic.
                throw e;
            }
        }
    }

    private void set(String topic, Map<String, String> settings) throws InterruptedException, ExecutionException {
        List<AlterConfigOp> operations = settings.entrySet().stream()
                .map(e -> new AlterConfigOp(new ConfigEntry(e.getKey(), e.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        admin.incrementalAlterConfigs(Map.of(resource(topic), operations)).all().get();
    }

    private static Optional<Integer> partitions(Map<String, TopicDescription> descriptions) {
        return TopicCatalogue.ALL.stream()
                .filter(Topic::partitioned)
                .flatMap(t -> Stream.ofNullable(descriptions.get(t.name())))
                .map(description -> description.partitions().size())
                .findFirst();
    }

    private static Optional<Difference> difference(
            Topic<?> topic, TopicDescription description, Config actual, int partitions) {
        Map<String, String> found = new TreeMap<>();
        Map<String, String> expected = new TreeMap<>();
        topic.config().forEach((key, value) -> {
            ConfigEntry entry = actual.get(key);
            String now = entry == null ? "" : entry.value();
            if (!value.equals(now) && !isAsGood(key, now, value)) {
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

    /** A cap that an operator has chosen is one. */
    private static boolean isAsGood(String key, String found, String expected) {
        return switch (key) {
            case "max.message.bytes" -> !found.isEmpty() && Long.parseLong(found) >= Long.parseLong(expected);
            case RETENTION_BYTES -> !found.isEmpty() && Long.parseLong(found) > 0;
            default -> false;
        };
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
