package dev.precast.schemas.kafka;

import dev.precast.schemas.config.ConfigReader;
import dev.precast.schemas.image.Limits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

/**
 * How to reach the cluster, and how its topics are made. Client properties come from a list of our own, never free-form: the
 * clients' own keys can load classes and read files (CVE-2025-27817 to -27819).
 *
 * @param bootstrapServers {@code host:port,…}
 * @param partitions of the topics that are partitioned by repository, when Precast makes them
 * @param replicationFactor of every topic that Precast makes
 * @param strict whether roles refuse to start on topics that the loss of a broker would harm, instead of saying so
 * @param security the security properties given, by Kafka's own names
 */
public record KafkaConfig(
        String bootstrapServers,
        int partitions,
        short replicationFactor,
        boolean strict,
        Map<String, String> security) {
    private static final List<String> SECURITY_KEYS = List.of(
            CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
            SaslConfigs.SASL_MECHANISM,
            SaslConfigs.SASL_JAAS_CONFIG,
            SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG,
            SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG,
            SslConfigs.SSL_TRUSTSTORE_PASSWORD_CONFIG,
            SslConfigs.SSL_KEYSTORE_TYPE_CONFIG,
            SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG,
            SslConfigs.SSL_KEYSTORE_PASSWORD_CONFIG,
            SslConfigs.SSL_KEY_PASSWORD_CONFIG);

    public static final String BOOTSTRAP_SERVERS = "kafka.bootstrap.servers";
    public static final String PARTITIONS = "kafka.topic.partitions";
    public static final String REPLICATION_FACTOR = "kafka.topic.replication.factor";

    public static final String DURABILITY = "kafka.durability";

    private static final String STRICT = "strict";

    public KafkaConfig {
        security = Map.copyOf(security);
    }

    /** A cluster without security and of one broker, such as the one that {@code precast up} starts. */
    public static KafkaConfig plaintext(String bootstrapServers, int partitions) {
        return new KafkaConfig(bootstrapServers, partitions, (short) 1, false, Map.of());
    }

    /** Adds the keys of this class to a definition. */
    public static ConfigDef define(ConfigDef definition) {
        definition
                .define(
                        BOOTSTRAP_SERVERS,
                        Type.STRING,
                        "",
                        Importance.HIGH,
                        "host:port,… of the Kafka cluster; empty: `precast up` starts a broker of its own")
                .define(
                        PARTITIONS,
                        Type.INT,
                        8,
                        ConfigDef.Range.between(1, 10_000),
                        Importance.MEDIUM,
                        "partitions of the topics that Precast makes; never changed later")
                .define(
                        REPLICATION_FACTOR,
                        Type.SHORT,
                        (short) -1,
                        Importance.MEDIUM,
                        "replication factor of the topics that Precast makes; -1: the cluster's default")
                .define(
                        DURABILITY,
                        Type.STRING,
                        "warn",
                        ConfigDef.ValidString.in("warn", STRICT),
                        Importance.MEDIUM,
                        "what happens at start when topics have a single replica, or acknowledge what only one broker has: warn, or strict: refuse to start");
        for (String key : SECURITY_KEYS) {
            Type type = key.contains("password") || key.contains("jaas") ? Type.PASSWORD : Type.STRING;
            definition.define("kafka." + key, type, "", Importance.MEDIUM, "Kafka's own " + key);
        }
        return definition;
    }

    /** @param values the values given, by our keys */
    public static KafkaConfig from(Map<String, String> values) {
        AbstractConfig parsed = ConfigReader.parse(define(new ConfigDef()), values);
        Map<String, String> security = new LinkedHashMap<>();
        for (String key : SECURITY_KEYS) {
            String value = values.get("kafka." + key);
            if (value != null && !value.isEmpty()) {
                security.put(key, value);
            }
        }
        return new KafkaConfig(
                parsed.getString(BOOTSTRAP_SERVERS),
                parsed.getInt(PARTITIONS),
                parsed.getShort(REPLICATION_FACTOR),
                parsed.getString(DURABILITY).equals(STRICT),
                security);
    }

    /** Base of every client's properties. */
    public Properties clientProperties(String clientId) {
        Properties properties = new Properties();
        properties.putAll(security);
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        return properties;
    }

    /** Durable and in order: acks=all, idempotent, no lingering; large enough for our largest record. */
    public Properties producerProperties(String clientId) {
        Properties properties = clientProperties(clientId);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Limits.MAX_RECORD_BYTES);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        // Half the time of the default level, for a few percent more bytes.
        properties.put(ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG, 1);
        return properties;
    }

    /** Committed records only, offsets committed by hand, from the beginning when there is no offset. */
    public Properties consumerProperties(String clientId) {
        Properties properties = clientProperties(clientId);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Limits.MAX_RECORD_BYTES);
        return properties;
    }

    /** Addresses only: credentials stay out of logs. */
    @Override
    public String toString() {
        return "KafkaConfig[" + bootstrapServers + ", partitions=" + partitions + ", security=" + security.keySet()
                + "]";
    }
}
