package dev.precast.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The table that a rig prints. With {@code -Drig.report=FILE} it also replaces the rig's section of that page: from its heading to
 * the next one. For one thread.
 */
public final class RigReport {
    private final String title;
    private final List<String> lines = new ArrayList<>();

    /**
     * @param title heading of the section
     * @param about what was done, in a sentence or two
     * @param command that does it again
     */
    public RigReport(String title, String about, String command) {
        this.title = title;
        lines.add(about);
        lines.add("");
        lines.add("`" + command + "`, " + LocalDate.now(ZoneOffset.UTC) + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, Java "
                + Runtime.version().feature() + ", "
                + System.getProperty("os.name") + ".");
        lines.add("");
        lines.add("| figure | value |");
        lines.add("|---|---|");
    }

    /** One row; a number with a fraction gets three digits. */
    public RigReport row(String figure, Object value) {
        String text = value instanceof Double number ? String.format(Locale.ROOT, "%.3f", number) : value.toString();
        lines.add("| " + figure + " | " + text + " |");
        return this;
    }

    /** Prints it, and writes it where a report was asked for. */
    public void write() throws IOException {
        System.err.println(title);
        lines.stream().skip(6).forEach(System.err::println);
        String file = System.getProperty("rig.report", "");
        if (!file.isEmpty()) {
            Path page = Path.of(file);
            Files.writeString(page, replaced(Files.exists(page) ? Files.readAllLines(page) : List.of()));
        }
    }

    private String replaced(List<String> page) {
        String heading = "## " + title;
        List<String> result = new ArrayList<>();
        int at = page.indexOf(heading);
        result.addAll(at < 0 ? page : page.subList(0, at));
        if (at < 0 && !page.isEmpty() && !page.get(page.size() - 1).isEmpty()) {
            result.add("");
        }
        result.add(heading);
        result.add("");
        result.addAll(lines);
        if (at >= 0) {
            int next = at + 1;
            while (next < page.size() && !page.get(next).startsWith("## ")) {
                next++;
            }
            if (next < page.size()) {
                result.add("");
                result.addAll(page.subList(next, page.size()));
            }
        }
        return String.join("\n", result) + "\n";
    }
}
