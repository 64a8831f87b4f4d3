package dev.precast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.bench.server.ThreeBrokers;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.kafka.TopicCatalogue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Precast makes of its topics where there are three brokers; here, because here are three. */
class DurableTopicsIT {
    private static final ConfigResource HINTS =
            new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.HINTS.name());

    @Test
    void topics_withThreeReplicasByTheClustersDefault_needTwoInSync(@TempDir Path directory) throws Exception {
        try (ThreeBrokers brokers = ThreeBrokers.start(directory);
                Admin admin = Admin.create(Map.of("bootstrap.servers", brokers.bootstrapServers()))) {
            TopicAdmin topics = new TopicAdmin(admin, KafkaConfig.from(Map.of("kafka.topic.partitions", "1")));

            topics.apply(topics.plan());

            assertThat(setting(admin, "min.insync.replicas")).isEqualTo("2");
            assertThat(setting(admin, "unclean.leader.election.enable")).isEqualTo("false");
            assertThat(topics.weaknesses()).isEmpty();

            admin.incrementalAlterConfigs(Map.of(
                            HINTS, List.of(new AlterConfigOp(new ConfigEntry("min.insync.replicas", "1"), OpType.SET))))
                    .all()
                    .get();
            assertThat(topics.weaknesses())
                    .singleElement()
                    .asString()
                    .startsWith("precast-hints: found 3 replicas and min.insync.replicas=1, expected 2");
        }
    }

    /** What the topic itself says, not what it has from the broker. */
    private static String setting(Admin admin, String key) throws Exception {
        ConfigEntry entry = Objects.requireNonNull(
                        admin.describeConfigs(List.of(HINTS)).all().get().get(HINTS))
                .get(key);
        return entry.source() == ConfigSource.DYNAMIC_TOPIC_CONFIG ? entry.value() : "not set";
    }
}
