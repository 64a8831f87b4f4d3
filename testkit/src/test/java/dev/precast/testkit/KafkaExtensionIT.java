package dev.precast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.kafka.TopicCatalogue;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(KafkaExtension.class)
class KafkaExtensionIT {
    private static final String TOPIC = TopicCatalogue.SETTINGS.name();

    @Test
    void config_namesAClusterWithTheTopicsOfTheCatalogue(KafkaConfig config) throws Exception {
        try (Admin admin = Admin.create(config.clientProperties("test"))) {
            assertThat(new TopicAdmin(admin, config).plan()).isEmpty();
        }
    }

    @Test
    void clean_emptiesTopicsOfEarlierClasses(KafkaConfig config) throws Exception {
        Properties properties = config.producerProperties("test");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, "key", "left by an earlier class"))
                    .get();
        }
        assertThat(end(config)).isEqualTo(1);
        CleanTopics.make(config);
        assertThat(end(config)).isZero();
    }

    @Test
    void topicThatGoesWhileItIsLookedAt_isMissing(KafkaConfig config) throws Exception {
        try (Admin admin = Admin.create(config.clientProperties("test"))) {
            Admin slow = beforeDescribing(admin, () -> {
                admin.deleteTopics(List.of(TOPIC)).all().get();
                await().until(() -> !admin.listTopics().names().get().contains(TOPIC));
                return null;
            });
            assertThat(new TopicAdmin(slow, config).plan())
                    .extracting(TopicAdmin.Difference::topic)
                    .containsExactly(TOPIC);
        } finally {
            CleanTopics.make(config);
        }
    }

    private static Admin beforeDescribing(Admin admin, Callable<?> first) {
        return (Admin) Proxy.newProxyInstance(
                Admin.class.getClassLoader(), new Class<?>[] {Admin.class}, (p, method, args) -> {
                    if (method.getName().equals("describeTopics")) {
                        first.call();
                    }
                    return method.invoke(admin, args);
                });
    }

    private static long end(KafkaConfig config) throws Exception {
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        try (Admin admin = Admin.create(config.clientProperties("test"))) {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
        }
    }
}
