package dev.precast.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One section of {@code docs/RELIABILITY.md}, made by the run that it tells of: printed always, and put into the page where the
 * property {@code rig.report} names it. Sections of other rigs stay as they are. Not thread-safe.
 */
public final class ReliabilityPage {
    private static final String TITLE = "# What happens when things break\n\n"
            + "Each section is written by the run that it tells of; the command says how to run it again.\n\n";

    private final String heading;
    private final String command;
    private final @Nullable Long seed;
    private final List<String> rows = new ArrayList<>();

    /**
     * @param heading of the section, without the marks of a heading
     * @param command that made it
     * @param seed absent when nothing is random
     */
    public ReliabilityPage(String heading, String command, @Nullable Long seed) {
        this.heading = heading;
        this.command = command;
        this.seed = seed;
    }

    /** A row of the table: what was looked at, what was found, and what it had to be. */
    public ReliabilityPage row(String what, Object found, String expected) {
        rows.add("| " + what + " | " + found + " | " + expected + " |");
        return this;
    }

    /** Rows in the map's order; expected are what they were, so that the column is empty. */
    public ReliabilityPage rows(Map<String, ?> found) {
        found.forEach((what, value) -> row(what, value, ""));
        return this;
    }

    /** Prints the section, and puts it into the page. */
    public void write() throws IOException {
        System.out.println(section());
        String page = System.getProperty("rig.report", "");
        if (!page.isEmpty()) {
            replaceIn(Path.of(page));
        }
    }

    private void replaceIn(Path page) throws IOException {
        String before = Files.exists(page) ? Files.readString(page) : TITLE;
        int start = before.indexOf("## " + heading + "\n");
        if (start < 0) {
            Files.writeString(page, before.stripTrailing() + "\n\n" + section());
            return;
        }
        int end = before.indexOf("\n## ", start);
        String rest = end < 0 ? "" : "\n" + before.substring(end + 1);
        Files.writeString(page, before.substring(0, start) + section() + rest);
    }

    private String section() {
        StringBuilder text = new StringBuilder("## " + heading + "\n\n`" + command + "`");
        text.append(seed == null ? "" : ", seed " + seed)
                .append("; ")
                .append(machine())
                .append(".\n\n");
        text.append("| what | found | expected |\n|---|---|---|\n");
        rows.forEach(row -> text.append(row).append('\n'));
        return text.toString();
    }

    private static String machine() {
        return String.format(
                Locale.ROOT,
                "%d cores, %s, JDK %s",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + processor(),
                Runtime.version().feature());
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
