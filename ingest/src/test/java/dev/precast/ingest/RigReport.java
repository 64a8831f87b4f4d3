package dev.precast.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a rig found, as a page for people: printed, and written where {@code NAME.report} says. For one thread. */
final class RigReport {
    private final String name;
    private final StringBuilder page = new StringBuilder();
    private final Map<String, Object> rows = new LinkedHashMap<>();

    /** @param name of the system properties, and of the command in {@code build-bin} */
    RigReport(String name, String title, String text) {
        this.name = name;
        page.append("# ").append(title).append("\n\n").append(text).append("\n\n");
    }

    RigReport row(String what, Object value) {
        rows.put(what, value);
        return this;
    }

    /** The number given as {@code NAME.KEY}. */
    static long number(String key, long otherwise) {
        return Long.getLong(key, otherwise);
    }

    void write() throws IOException {
        page.append("| | |\n|---|---:|\n");
        rows.forEach((what, value) ->
                page.append("| ").append(what).append(" | ").append(value).append(" |\n"));
        page.append("\nWritten by `build-bin/rig-resolver ")
                .append(name)
                .append("` on ")
                .append(Runtime.getRuntime().availableProcessors())
                .append(" cores with Java ")
                .append(Runtime.version().feature())
                .append("; broker, ingest and sender on one machine.\n");
        System.err.println(page);
        String file = System.getProperty(name + ".report", "");
        if (!file.isEmpty()) {
            Path path = Path.of(file);
            Files.createDirectories(path.toAbsolutePath().getParent());
            Files.writeString(path, page);
        }
    }
}
