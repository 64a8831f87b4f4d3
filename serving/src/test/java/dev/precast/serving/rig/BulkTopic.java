package dev.precast.serving.rig;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.TagOffers.Offer;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.Images;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Many tags in {@code precast-variants}, each with one manifest of about the size that signed schema 1 has. */
final class BulkTopic {
    static final int TAGS_A_REPOSITORY = 50;
    private static final int PADDING_HEX = 3_300;

    private final KafkaConfig kafka;

    BulkTopic(KafkaConfig kafka) {
        this.kafka = kafka;
    }

    void makeTopics() throws Exception {
        try (Admin admin = Admin.create(kafka.clientProperties("rig"))) {
            TopicAdmin topics = new TopicAdmin(admin, kafka);
            topics.apply(topics.plan());
            Awaitility.await().until(() -> topics.plan().isEmpty());
        }
    }

    static String repository(int tag) {
        return "bulk/r" + tag / TAGS_A_REPOSITORY;
    }

    static String name(int tag) {
        return "t" + tag;
    }

    /** About 4 KB that do not repeat from one to the next, half of it hex as digests are. */
    static VariantManifest manifest(int tag) {
        byte[] noise = new byte[PADDING_HEX / 2];
        new Random(tag).nextBytes(noise);
        return Images.schema1(
                repository(tag), name(tag) + "-" + java.util.HexFormat.of().formatHex(noise));
    }

    /** Writes tags {@code from} to {@code to} (exclusive). */
    void fill(int from, int to) throws Exception {
        Properties properties = kafka.producerProperties("rig");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int tag = from; tag < to; tag++) {
                VariantManifest manifest = manifest(tag);
                TagOffers offers = new TagOffers(
                        repository(tag),
                        name(tag),
                        1,
                        Images.ROOT,
                        MediaTypes.SCHEMA2,
                        Map.of(MediaTypes.SCHEMA1_SIGNED, Offer.of(manifest.digest())),
                        "revision=1");
                Digest digest = manifest.digest();
                send(producer, RecordKeys.digest(repository(tag), digest), RecordJson.write(manifest), failure);
                send(producer, RecordKeys.tag(repository(tag), name(tag)), RecordJson.write(offers), failure);
            }
            producer.flush();
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }

    private void send(
            KafkaProducer<byte[], byte[]> producer,
            String key,
            byte[] value,
            AtomicReference<@Nullable Exception> failure) {
        RecordHeaders headers = new RecordHeaders();
        VersionHeader.put(headers, 1);
        var unused = producer.send(
                new ProducerRecord<>(
                        TopicCatalogue.VARIANTS.name(),
                        TopicCatalogue.partition(key, kafka.partitions()),
                        key.getBytes(UTF_8),
                        value,
                        headers),
                (sent, e) -> {
                    if (e != null) {
                        failure.set(e);
                    }
                });
    }
}
