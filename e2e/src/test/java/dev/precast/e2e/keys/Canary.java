package dev.precast.e2e.keys;

import dev.precast.schemas.kafka.KafkaConfig;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Looks for private keys where none may be. */
final class Canary {
    private static final int FIELD_BYTES = 32;
    private static final Duration POLL = Duration.ofMillis(200);

    private Canary() {}

    /** The private number of a P-256 key in PKCS #8, in the forms in which it would show. */
    static List<String> formsOf(Path pem) throws Exception {
        String body = Files.readString(pem).replaceAll("-----[^-]+-----", "").replaceAll("\\s", "");
        ECPrivateKey key = (ECPrivateKey) KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
        BigInteger secret = key.getS();
        byte[] bytes = HexFormat.of().parseHex(String.format(Locale.ROOT, "%0" + 2 * FIELD_BYTES + "x", secret));
        return List.of(
                body.substring(body.length() / 3, body.length() / 3 + 24),
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes),
                Base64.getEncoder().withoutPadding().encodeToString(bytes),
                HexFormat.of().formatHex(bytes),
                secret.toString());
    }

    static List<String> in(String place, String text, List<String> secrets) {
        return secrets.stream()
                .filter(text::contains)
                .map(secret -> "a private key in " + place)
                .toList();
    }

    /** In every topic of the cluster, those of Kafka Streams included: keys, values and headers. */
    static List<String> inTopics(KafkaConfig kafka, List<String> secrets) throws Exception {
        List<TopicPartition> all = new ArrayList<>();
        try (Admin admin = Admin.create(kafka.clientProperties("canary"))) {
            admin.describeTopics(
                            admin.listTopics(new ListTopicsOptions()).names().get())
                    .allTopicNames()
                    .get()
                    .forEach((name, topic) ->
                            topic.partitions().forEach(p -> all.add(new TopicPartition(name, p.partition()))));
        }
        Properties properties = kafka.consumerProperties("canary");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        List<String> leaks = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    leaks.addAll(in(record.topic(), text(record), secrets));
                }
            }
        }
        return leaks;
    }

    private static String text(ConsumerRecord<byte[], byte[]> record) {
        StringBuilder text = new StringBuilder();
        append(text, record.key());
        append(text, record.value());
        record.headers().forEach(header -> append(text, header.value()));
        return text.toString();
    }

    private static void append(StringBuilder text, byte @org.jspecify.annotations.Nullable [] bytes) {
        text.append(bytes == null ? "" : new String(bytes, StandardCharsets.ISO_8859_1))
                .append('\n');
    }
}
