package dev.precast.launcher.cluster;

import dev.precast.launcher.config.LauncherConfig;
import dev.precast.schemas.kafka.KafkaConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/** How commands find the cluster of a running Precast: as it is named, else by the data directory of a local {@code up}. */
public final class Cluster {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Cluster() {}

    /**
     * @param values the configuration given
     * @throws IOException if no cluster is named and nothing runs on the data directory
     */
    public static KafkaConfig find(Map<String, String> values) throws IOException {
        KafkaConfig named = KafkaConfig.from(values);
        if (!named.bootstrapServers().isEmpty()) {
            return named;
        }
        Path data = LauncherConfig.from(values).data();
        RunningFile.Addresses running = RunningFile.read(data)
                .orElseThrow(() -> new IOException("Cannot find a running Precast: nothing runs on " + data
                        + ". Start one with `precast up`, or name a cluster with --kafka HOST:PORT."));
        return new KafkaConfig(
                running.bootstrapServers(),
                named.partitions(),
                named.replicationFactor(),
                named.strict(),
                named.security());
    }

    /** An admin client that fails within seconds when nobody answers. */
    public static Admin admin(KafkaConfig config) throws IOException {
        Properties properties = config.clientProperties("precast-admin");
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis() / 2);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        try {
            return Admin.create(properties);
        } catch (KafkaException e) {
            throw unreachable(config, e);
        }
    }

    /** Of what an admin client or a consumer threw. */
    public static IOException unreachable(KafkaConfig config, Throwable e) {
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new IOException(
                "Cannot work with Kafka at " + config.bootstrapServers() + ": " + root.getMessage()
                        + ". Check that it runs and that --kafka names it.",
                e);
    }
}
