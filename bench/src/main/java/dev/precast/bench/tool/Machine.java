package dev.precast.bench.tool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What this machine is and has, for the head of a report. */
public final class Machine {
    private Machine() {}

    /** Sections of one page may have been measured on different ones. */
    public static String processor() throws IOException {
        return cpu() + ", " + Runtime.getRuntime().availableProcessors() + " cores";
    }

    /**
     * One line a fact. Never a name, path or address of the machine.
     *
     * @param home where {@code ./precast} is, which chooses a Java of its own
     */
    public static List<String> describe(Path home) throws IOException, InterruptedException {
        return List.of(
                "memory: " + memoryGigabytes() + " GB",
                System.getProperty("os.name") + ", Java " + Runtime.version() + " (benchmarks and bare Jetty)",
                "Precast: " + javaOfPrecast(home) + ", which `./precast` chose",
                "docker-registry: " + version("docker-registry", "--version"),
                "nginx: " + version("nginx", "-v"),
                "wrk: " + version("wrk", "-v"));
    }

    private static String cpu() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    private static long memoryGigabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal"))
                .mapToLong(line -> Math.round(Long.parseLong(line.replaceAll("\\D", "")) / 1048576.0))
                .findFirst()
                .orElse(0);
    }

    /** The second line of {@code ./precast --version}, such as {@code Java 25+36-LTS}. */
    private static String javaOfPrecast(Path home) throws IOException, InterruptedException {
        String precast = home.resolve("precast").toString();
        String said = Program.run(Duration.ofSeconds(30), List.of(precast, "--version"));
        return said.lines().skip(1).findFirst().orElse("Java of an unknown version");
    }

    private static String version(String program, String option) throws IOException, InterruptedException {
        // Some say their version on standard error, and wrk with another exit code than 0.
        return Program.run(
                        Duration.ofSeconds(10),
                        List.of("sh", "-c", "PATH=$PATH:/usr/sbin " + program + " " + option + " 2>&1 | sed -n 1p"))
                .trim()
                .replaceAll("^.*?(\\d+\\.\\d+[^\\s]*).*$", "$1");
    }
}
