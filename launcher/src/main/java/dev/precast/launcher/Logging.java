package dev.precast.launcher;

import java.util.Set;

/** Sets what {@code logback.xml} reads, before the first logger is made. */
final class Logging {
    private static final Set<String> SERVERS = Set.of("up", "ingest", "converter", "serving");

    private Logging() {}

    /** @param command the subcommand: those that run until they are stopped say what happens, the others only answer */
    static void configure(String command, boolean debug) {
        boolean server = SERVERS.contains(command);
        System.setProperty("precast.log.own", debug ? "DEBUG" : server ? "INFO" : "WARN");
        System.setProperty("precast.log.libraries", debug ? "INFO" : server ? "WARN" : "OFF");
    }
}
