package dev.precast.serving.view;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the cluster says of the topics that the view is made from. */
final class ViewTopics implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewTopics.class);
    private static final String RETENTION = "delete.retention.ms";
    private static final List<String> NAMES = List.of(TopicCatalogue.SETTINGS.name(), TopicCatalogue.VARIANTS.name());

    /**
     * @param ids by topic; a topic that was made again has another
     * @param partitions of all topics, of the variants those of this shard
     * @param variantPartitions how many there are in all shards
     */
    record Found(Map<String, String> ids, List<TopicPartition> partitions, int variantPartitions) {}

    /** Under which a view remembers of how many partitions it holds which: with others it has to be filled anew. */
    static final String SHARE = "partitions of " + TopicCatalogue.VARIANTS.name();

    private final Admin admin;
    private final Shard shard;

    ViewTopics(KafkaConfig kafka, Duration timeout, Shard shard) {
        this.shard = shard;
        Properties properties = kafka.clientProperties("precast-serving-view-admin");
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) timeout.toMillis());
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) timeout.toMillis());
        admin = Admin.create(properties);
    }

    /** @throws KafkaException if the cluster does not answer or lacks a topic */
    Found describe() {
        Map<String, TopicDescription> found = get(admin.describeTopics(NAMES).allTopicNames());
        Map<String, String> ids = new LinkedHashMap<>();
        List<TopicPartition> partitions = new ArrayList<>();
        for (String name : NAMES) {
            TopicDescription topic = Objects.requireNonNull(found.get(name));
            ids.put(name, topic.topicId().toString());
            IntStream.range(0, topic.partitions().size())
                    .filter(partition -> !name.equals(TopicCatalogue.VARIANTS.name()) || shard.holds(partition))
                    .forEach(partition -> partitions.add(new TopicPartition(name, partition)));
        }
        int all = Objects.requireNonNull(found.get(TopicCatalogue.VARIANTS.name()))
                .partitions()
                .size();
        if (shard.count() > 1) {
            ids.put(SHARE, shard + " of " + all);
        }
        return new Found(ids, partitions, all);
    }

    /** How long tombstones can be read at least, the shortest of the topics; empty where nobody says. */
    Optional<Duration> tombstoneRetention() {
        try {
            Collection<Config> configs = get(admin.describeConfigs(NAMES.stream()
                                    .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                                    .toList())
                            .all())
                    .values();
            long millis = Long.MAX_VALUE;
            for (Config config : configs) {
                ConfigEntry entry = config.get(RETENTION);
                millis = entry == null ? millis : Math.min(millis, Long.parseLong(entry.value()));
            }
            return millis == Long.MAX_VALUE ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
        } catch (KafkaException e) {
            LOG.debug("Cannot ask for {}: {}", RETENTION, e.toString());
            return Optional.empty();
        }
    }

    /** How long tombstones can be read at least, as far as anyone knows without asking: what was said last, or the catalogue. */
    static Duration known(ViewPosition position) {
        Duration said = position.retention().orElse(inCatalogue());
        return said.compareTo(inCatalogue()) < 0 ? said : inCatalogue();
    }

    private static Duration inCatalogue() {
        Topic<?> variants = TopicCatalogue.VARIANTS;
        return Duration.ofMillis(
                Long.parseLong(Objects.requireNonNull(variants.config().get(RETENTION))));
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }

    private static <T> T get(KafkaFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            @Nullable Throwable cause = e.getCause();
            throw cause instanceof KafkaException kafka ? kafka : new KafkaException(cause);
        } catch (InterruptedException e) {
            throw new org.apache.kafka.common.errors.InterruptException(e);
        }
    }
}
