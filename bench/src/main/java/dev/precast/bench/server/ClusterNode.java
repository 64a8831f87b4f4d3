package dev.precast.bench.server;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A program of its own: one broker and controller of a cluster. Arguments: its properties file, and the cluster's id. Formats an
 * empty directory. Says {@code READY}.
 */
public final class ClusterNode {
    private ClusterNode() {}

    public static void main(String[] arguments) throws Exception {
        Properties file = new Properties();
        try (var in = Files.newBufferedReader(Path.of(arguments[0]))) {
            file.load(in);
        }
        Map<String, String> properties = new HashMap<>();
        file.forEach((name, value) -> properties.put((String) name, (String) value));
        Path logs = Path.of(file.getProperty("log.dirs"));
        if (!Files.exists(logs.resolve("meta.properties"))) {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .setNodeId(Integer.parseInt(file.getProperty("node.id")))
                    .setClusterId(arguments[1])
                    .setControllerListenerName(file.getProperty("controller.listener.names"))
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .addDirectory(logs.toString())
                    .setMetadataLogDirectory(logs.toString())
                    .run();
        }
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
        server.startup();
        System.out.println("READY");
        server.awaitShutdown();
    }
}
