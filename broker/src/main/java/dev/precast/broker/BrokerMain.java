package dev.precast.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * The child's side: a broker in this JVM. Says one line on standard output, {@code READY host:port} or {@code FAILED
 * sentence}; ends on SIGTERM, or when standard input ends, which it does when the parent dies by whatever cause.
 *
 * <p>Arguments: directory, port (0: as last time, or any free one), largest record in bytes.
 */
public final class BrokerMain {
    static final String READY = "READY ";
    static final String FAILED = "FAILED ";
    /** Exit code when a port was taken between choosing and binding it: worth another try. */
    static final int PORT_TAKEN = 98;

    private static final Duration PATIENCE_FOR_LOCK = Duration.ofSeconds(10);
    private static final Duration PATIENCE_FOR_SHUTDOWN = Duration.ofSeconds(10);

    private BrokerMain() {}

    public static void main(String[] arguments) {
        PrintStream parent = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        // Whatever a library prints must not look like an answer.
        System.setOut(System.err);
        ignoreInterrupts();
        try {
            parent.println(READY
                    + start(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2])));
            endWithParent();
        } catch (Throwable e) {
            e.printStackTrace();
            parent.println(FAILED + sentence(e));
            Runtime.getRuntime().halt(portTaken(e) ? PORT_TAKEN : 1);
        }
    }

    private static String start(Path path, int wantedPort, int maxRecordBytes) throws Exception {
        String version = AppInfoParser.getVersion();
        BrokerDirectory directory = BrokerDirectory.take(path, version, PATIENCE_FOR_LOCK);
        int port = port(wantedPort, directory.lastPort());
        KafkaConfig config = new KafkaConfig(
                ServerProperties.of(directory.logs(), port, FreePort.otherThan(port), maxRecordBytes), false);
        if (!directory.formatted()) {
            format(directory.logs());
        }
        KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> shutdown(server), "broker-shutdown"));
        server.startup();
        directory.remember(version, port);
        return ServerProperties.HOST + ":" + port;
    }

    private static int port(int wanted, int last) throws IOException {
        if (wanted != 0) {
            return wanted;
        }
        return last != 0 && FreePort.isFree(last) ? last : FreePort.any();
    }

    private static void format(Path logs) throws Exception {
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(ServerProperties.NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName(ServerProperties.CONTROLLER_LISTENER)
                .setReleaseVersion(MetadataVersion.latestProduction())
                .addDirectory(logs.toString())
                .setMetadataLogDirectory(logs.toString())
                .run();
    }

    private static void endWithParent() throws IOException {
        while (System.in.read() >= 0) {
            // The parent says nothing: only the end of its voice counts.
        }
        System.exit(0);
    }

    private static void shutdown(KafkaRaftServer server) {
        Thread watchdog = new Thread(BrokerMain::haltAfterPatience, "broker-shutdown-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
        server.shutdown();
        server.awaitShutdown();
    }

    /** Nothing stays behind, not even a broker that hangs while it shuts down. */
    private static void haltAfterPatience() {
        try {
            Thread.sleep(PATIENCE_FOR_SHUTDOWN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    /**
     * A terminal sends Ctrl-C to parent and child alike; the parent still needs its broker to end in order. By reflection, since
     * {@code sun.misc.Signal} has no supported successor.
     */
    private static void ignoreInterrupts() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            signal.getMethod("handle", signal, handler)
                    .invoke(
                            null,
                            signal.getConstructor(String.class).newInstance("INT"),
                            handler.getField("SIG_IGN").get(null));
        } catch (ReflectiveOperationException e) {
            System.err.println("Ctrl-C cannot be left to the parent on this Java: " + e);
        }
    }

    private static boolean portTaken(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private static String sentence(Throwable e) {
        String message = e.getMessage();
        String text = message == null || !(e instanceof IOException) ? e.toString() : message;
        return text.lines().findFirst().orElse(text);
    }
}
