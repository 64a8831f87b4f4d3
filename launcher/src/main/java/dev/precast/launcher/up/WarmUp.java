package dev.precast.launcher.up;

import java.util.List;
import org.rocksdb.RocksDB;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work of the roles' start that needs no broker, done while the broker starts on the other core. */
final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    private static final List<String> CLASSES = List.of(
            "org.apache.kafka.clients.admin.KafkaAdminClient",
            "org.apache.kafka.clients.consumer.KafkaConsumer",
            "org.apache.kafka.clients.producer.KafkaProducer",
            "org.apache.kafka.streams.KafkaStreams");

    private WarmUp() {}

    /** Unpacks RocksDB's native library and loads the largest classes. What fails here fails again, and says so, in its role. */
    static boolean run() {
        try {
            for (String name : CLASSES) {
                Class.forName(name);
            }
            RocksDB.loadLibrary();
            return true;
        } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
            LOG.debug("Not warmed up", e);
            return false;
        }
    }
}
