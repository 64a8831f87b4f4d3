package dev.precast.bench.server;

import dev.precast.broker.BrokerProcess;
import dev.precast.broker.BrokerSettings;
import dev.precast.schemas.image.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A Kafka cluster on this machine, each broker a process of its own. */
public interface Brokers extends AutoCloseable {
    /** {@code host:port,…} of all of them. */
    String bootstrapServers();

    List<Long> pids();

    @Override
    void close();

    /** The broker that {@code precast up} starts. */
    static Brokers one(Path directory) throws IOException, InterruptedException {
        BrokerProcess broker =
                new BrokerProcess(new BrokerSettings(directory, 0, Limits.MAX_RECORD_BYTES, 256), System.err::println);
        broker.start();
        return new Brokers() {
            @Override
            public String bootstrapServers() {
                return broker.bootstrapServers();
            }

            @Override
            public List<Long> pids() {
                return List.of(broker.pid());
            }

            @Override
            public void close() {
                broker.close();
            }
        };
    }
}
