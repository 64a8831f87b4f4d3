package dev.precast.bench.server;

import dev.precast.bench.tool.Program;
import dev.precast.schemas.image.Limits;
import dev.precast.testkit.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/** Three brokers that are controllers too, with every topic on each of them. Confined to one thread. */
public final class ThreeBrokers implements Brokers {
    private static final int NODES = 3;

    private final Path directory;
    private final String clusterId = Uuid.randomUuid().toString();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Integer> controllers = new ArrayList<>();
    private final List<Program> nodes = new ArrayList<>();

    private ThreeBrokers(Path directory) {
        this.directory = directory;
    }

    public static ThreeBrokers start(Path directory) throws IOException, InterruptedException {
        ThreeBrokers brokers = new ThreeBrokers(directory);
        for (int i = 0; i < NODES; i++) {
            brokers.ports.add(Ports.free());
            brokers.controllers.add(Ports.free());
        }
        for (int i = 0; i < NODES; i++) {
            brokers.nodes.add(brokers.node(i));
        }
        for (Program node : brokers.nodes) {
            node.await(Pattern.compile("READY"), Duration.ofMinutes(2));
        }
        return brokers;
    }

    /** As a crash ends it. */
    public void kill(int node) throws InterruptedException {
        nodes.get(node).kill();
    }

    /** Starts one again that was killed. */
    public void restart(int node) throws IOException, InterruptedException {
        Program again = node(node);
        nodes.set(node, again);
        again.await(Pattern.compile("READY"), Duration.ofMinutes(2));
    }

    private Program node(int index) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("node" + index));
        Path properties =
                Files.writeString(folder.resolve("server.properties"), properties(index, folder.resolve("logs")));
        return Program.start(
                folder.resolve("log"),
                List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-Dlogback.configurationFile=dev/precast/broker/broker-logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClusterNode.class.getName(),
                        properties.toString(),
                        clusterId));
    }

    private String properties(int index, Path logs) {
        String voters = IntStream.range(0, NODES)
                .mapToObj(i -> (i + 1) + "@127.0.0.1:" + controllers.get(i))
                .collect(Collectors.joining(","));
        return """
                process.roles=broker,controller
                node.id=%1$d
                log.dirs=%2$s
                controller.quorum.voters=%3$s
                controller.listener.names=CONTROLLER
                listeners=BROKER://127.0.0.1:%4$d,CONTROLLER://127.0.0.1:%5$d
                advertised.listeners=BROKER://127.0.0.1:%4$d
                inter.broker.listener.name=BROKER
                listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
                default.replication.factor=3
                min.insync.replicas=2
                unclean.leader.election.enable=false
                offsets.topic.replication.factor=3
                offsets.topic.num.partitions=3
                transaction.state.log.replication.factor=3
                transaction.state.log.min.isr=2
                transaction.state.log.num.partitions=1
                group.initial.rebalance.delay.ms=0
                auto.create.topics.enable=false
                message.max.bytes=%6$d
                replica.fetch.max.bytes=%6$d
                socket.request.max.bytes=%7$d
                log.cleaner.dedupe.buffer.size=4194304
                broker.session.timeout.ms=6000
                num.network.threads=2
                num.io.threads=4
                """.formatted(
                        index + 1,
                        logs,
                        voters,
                        ports.get(index),
                        controllers.get(index),
                        Limits.MAX_RECORD_BYTES,
                        Limits.MAX_RECORD_BYTES + (1 << 20));
    }

    @Override
    public String bootstrapServers() {
        return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    @Override
    public List<Long> pids() {
        return nodes.stream().map(Program::pid).toList();
    }

    @Override
    public void close() {
        nodes.forEach(Program::close);
    }
}
