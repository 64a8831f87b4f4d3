package dev.precast.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of the child. Pure but for this JVM's own home and class path. */
final class BrokerCommand {
    /** System property of the parent: a class data archive for the child. The launcher script makes and names it. */
    static final String ARCHIVE = "precast.broker.archive";

    private BrokerCommand() {}

    static List<String> of(BrokerSettings settings, int port) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + settings.heapMegabytes() + "m");
        // Serial GC and the first compiler only: quick to start and small; one broker for one machine is not short of
        // CPU.
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-Xshare:auto");
        command.addAll(archive(System.getProperty(ARCHIVE, "")));
        command.add("-Dfile.encoding=UTF-8");
        command.add("-Djava.awt.headless=true");
        command.add("-Dlogback.configurationFile=dev/precast/broker/broker-logback.xml");
        command.addAll(forJava(Runtime.version().feature()));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(BrokerMain.class.getName());
        command.add(settings.directory().toString());
        command.add(Integer.toString(port));
        command.add(Integer.toString(settings.maxRecordBytes()));
        return command;
    }

    /** The archive only makes the start quicker: one that is missing or of another Java is passed over in silence. */
    static List<String> archive(String file) {
        return file.isEmpty() || !Files.isReadable(Path.of(file))
                ? List.of()
                : List.of("-XX:SharedArchiveFile=" + file, "-Xlog:cds=off", "-Xlog:cds+dynamic=off");
    }

    /** Newer Javas warn of what Kafka's libraries do, or of what they will forbid; the flags exist only there. */
    static List<String> forJava(int feature) {
        List<String> flags = new ArrayList<>();
        if (feature >= 22) {
            flags.add("--enable-native-access=ALL-UNNAMED");
        }
        if (feature >= 23) {
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        return flags;
    }
}
