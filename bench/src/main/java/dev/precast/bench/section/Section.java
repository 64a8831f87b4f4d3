package dev.precast.bench.section;

import dev.precast.bench.report.Report;
import java.nio.file.Path;

/** One part of the page. */
public interface Section {
    /** Of its files, and on the command line. */
    String name();

    /** Name of the part of the page that it writes, where that is another. */
    default String page() {
        return name();
    }

    String title();

    /** @param work an empty directory of its own */
    void run(Plan plan, Path work, Report report) throws Exception;
}
