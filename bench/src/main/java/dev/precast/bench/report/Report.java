package dev.precast.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One section of the benchmarks' page, as it grows: Markdown, and charts beside it. Confined to one thread. */
public final class Report {
    private final Path directory;
    private final String name;
    private final StringBuilder text = new StringBuilder();

    /**
     * @param directory takes {@code NAME.txt} and the charts
     * @param name of the section's files, in small letters
     */
    public Report(Path directory, String name, String title) {
        this.directory = directory;
        this.name = name;
        text.append("## ").append(title).append("\n\n");
    }

    public Report paragraph(String sentence) {
        text.append(sentence).append("\n\n");
        return this;
    }

    /** Shown on the terminal only, with the seconds since the program started. */
    public static void progress(String what) {
        System.err.printf(
                Locale.ROOT, "%6.1f  %s%n", ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0, what);
    }

    /** Also shown on the terminal: long runs show what they have found so far. */
    public Report table(List<String> head, List<List<String>> rows) {
        List<String> lines = new ArrayList<>();
        lines.add("| " + String.join(" | ", head) + " |");
        lines.add("|" + "---|".repeat(head.size()));
        rows.forEach(row -> lines.add("| " + String.join(" | ", row) + " |"));
        lines.forEach(System.err::println);
        text.append(String.join("\n", lines)).append("\n\n");
        return this;
    }

    public Report chart(LineChart chart) throws IOException {
        String file = name + "-" + chart.slug() + ".svg";
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(file), chart.svg());
        text.append("![")
                .append(chart.title())
                .append("](benchmarks/")
                .append(file)
                .append(")\n\n");
        return this;
    }

    /** Writes {@code NAME.txt}, in one step. */
    public void write() throws IOException {
        Files.createDirectories(directory);
        Path unfinished = Files.writeString(directory.resolve(name + ".txt.new"), text);
        Files.move(unfinished, directory.resolve(name + ".txt"), StandardCopyOption.REPLACE_EXISTING);
    }

    /** A number for people: three significant digits, thousands apart. */
    public static String number(double value) {
        double size = Math.abs(value);
        if (size >= 100) {
            return String.format(Locale.ROOT, "%,d", Math.round(value));
        }
        return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
    }

    public static String megabytes(long bytes) {
        return number(bytes / 1e6) + " MB";
    }
}
