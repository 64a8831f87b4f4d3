package dev.precast.serving.view;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How full the view's file system is. A database that runs into the end of its disk stops in the middle of something: from the
 * first mark on there is a warning, from the second on nothing is written, so that there is room left for what runs already.
 * Asked by the view's one writer, read by all.
 */
final class DiskSpace {
    private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);
    private static final double PERCENT = 100;

    /** What the use of the disk asks for. */
    enum Level {
        ENOUGH,
        LOW,
        STOP
    }

    private final Path folder;
    private final int alertPercent;
    private final int stopPercent;
    private volatile double used;
    private volatile Level level = Level.ENOUGH;

    /** @param folder that exists by the time of the first {@link #look} */
    DiskSpace(Path folder, int alertPercent, int stopPercent) {
        this.folder = folder;
        this.alertPercent = alertPercent;
        this.stopPercent = stopPercent;
    }

    /** Looks anew; a change is logged. A file system that does not say counts as having enough. */
    Level look() {
        used = usedPercent();
        Level now = used >= stopPercent ? Level.STOP : used >= alertPercent ? Level.LOW : Level.ENOUGH;
        if (now != level) {
            if (now == Level.ENOUGH) {
                LOG.info("The disk of the view has room again: {} % in use.", Math.round(used));
            } else {
                LOG.warn("{} Make room at {}.", sentence(now), folder);
            }
            level = now;
        }
        return now;
    }

    /** As of the last {@link #look}. */
    Level level() {
        return level;
    }

    /** Percent in use, as of the last {@link #look}. */
    double used() {
        return used;
    }

    /** For the health: empty while there is enough. */
    String detail() {
        Level now = level;
        return now == Level.ENOUGH ? "" : "; " + sentence(now);
    }

    private String sentence(Level now) {
        return now == Level.STOP
                ? "The disk of the view is " + Math.round(used) + " % full, " + stopPercent
                        + " % or more: nothing is written until there is room."
                : "The disk of the view is " + Math.round(used) + " % full, " + alertPercent + " % or more.";
    }

    private double usedPercent() {
        try {
            FileStore store = Files.getFileStore(folder);
            long total = store.getTotalSpace();
            return total <= 0 ? 0 : PERCENT - PERCENT * store.getUsableSpace() / total;
        } catch (IOException e) {
            LOG.debug("Cannot ask how full the disk is: {}", e.toString());
            return 0;
        }
    }
}
