package dev.precast.broker;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The configuration of a one-node broker for one machine, by Kafka's own names. Pure. */
final class ServerProperties {
    static final int NODE_ID = 1;
    static final String HOST = "127.0.0.1";
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    private static final String BROKER_LISTENER = "BROKER";
    private static final int DEDUPE_BUFFER_BYTES = 4 << 20;
    /** Room for the headers of the request around one largest record. */
    private static final int REQUEST_ROOM_BYTES = 1 << 20;

    private ServerProperties() {}

    static Map<String, String> of(Path logs, int port, int controllerPort, int maxRecordBytes) {
        Map<String, String> properties = new LinkedHashMap<>();
        listeners(properties, port, controllerPort);
        properties.put("log.dirs", logs.toString());
        internalTopics(properties);
        records(properties, maxRecordBytes);
        small(properties);
        // A crashed broker's next start waits for the old session to end; the heartbeat must be at most half of it.
        properties.put("broker.session.timeout.ms", "4000");
        properties.put("broker.heartbeat.interval.ms", "1000");
        // Without it every next start waits for the old session, as after a crash.
        properties.put("controlled.shutdown.enable", "true");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("group.streams.initial.rebalance.delay.ms", "0");
        properties.put("offsets.retention.minutes", Integer.toString(30 * 24 * 60));
        properties.put("auto.create.topics.enable", "false");
        properties.put("metric.reporters", "");
        return properties;
    }

    private static void listeners(Map<String, String> properties, int port, int controllerPort) {
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", Integer.toString(NODE_ID));
        // Static voters: the endpoint is not persisted, so the controller's port may differ from start to start.
        properties.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        properties.put("controller.listener.names", CONTROLLER_LISTENER);
        properties.put(
                "listeners",
                BROKER_LISTENER + "://" + HOST + ":" + port + "," + CONTROLLER_LISTENER + "://" + HOST + ":"
                        + controllerPort);
        properties.put("advertised.listeners", BROKER_LISTENER + "://" + HOST + ":" + port);
        properties.put("inter.broker.listener.name", BROKER_LISTENER);
        properties.put(
                "listener.security.protocol.map", BROKER_LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
    }

    private static void internalTopics(Map<String, String> properties) {
        properties.put("default.replication.factor", "1");
        properties.put("min.insync.replicas", "1");
        for (String prefix : new String[] {"transaction.state.log.", "share.coordinator.state.topic."}) {
            properties.put(prefix + "replication.factor", "1");
            properties.put(prefix + "min.isr", "1");
            properties.put(prefix + "num.partitions", "1");
        }
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.topic.num.partitions", "1");
    }

    private static void records(Map<String, String> properties, int maxRecordBytes) {
        properties.put("message.max.bytes", Integer.toString(maxRecordBytes));
        properties.put("socket.request.max.bytes", Integer.toString(maxRecordBytes + REQUEST_ROOM_BYTES));
        properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(DEDUPE_BUFFER_BYTES));
    }

    /** Threads for two cores and a few clients. */
    private static void small(Map<String, String> properties) {
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        properties.put("background.threads", "2");
        properties.put("num.recovery.threads.per.data.dir", "2");
    }
}
