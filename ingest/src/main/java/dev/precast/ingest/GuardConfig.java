package dev.precast.ingest;

import java.time.Duration;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * How many tags may be forgotten before an operator is asked.
 *
 * @param tags at most so many within the window
 * @param percent and at most so many of a hundred known ones, but never less than {@link #ALWAYS}
 * @param window over which they are counted, and for which a release lasts
 */
public record GuardConfig(int tags, int percent, Duration window) {
    public static final String TAGS = "resolver.delete.guard.tags";
    public static final String PERCENT = "resolver.delete.guard.percent";
    public static final String WINDOW = "resolver.delete.guard.window.ms";

    /** Tags within the window that are always forgotten without a question: five percent of a small registry is nothing. */
    public static final int ALWAYS = 10;

    static void define(ConfigDef definition) {
        definition
                .define(
                        TAGS,
                        Type.INT,
                        100,
                        Range.between(0, 1_000_000_000),
                        Importance.MEDIUM,
                        "at most so many tags that the registry no longer has are forgotten within the window; more are held until `precast sync --release-deletes`")
                .define(
                        PERCENT,
                        Type.INT,
                        5,
                        Range.between(0, 100),
                        Importance.MEDIUM,
                        "and at most so many percent of the known tags, but " + ALWAYS + " always")
                .define(
                        WINDOW,
                        Type.INT,
                        3_600_000,
                        Range.between(1, 86_400_000),
                        Importance.LOW,
                        "milliseconds over which forgotten tags are counted, and for which a release lasts");
    }

    static GuardConfig from(AbstractConfig parsed) {
        Duration window = Duration.ofMillis(parsed.getInt(WINDOW));
        return new GuardConfig(parsed.getInt(TAGS), parsed.getInt(PERCENT), window);
    }

    /** Tags that may be forgotten within the window, of so many. */
    public int limit(int known) {
        long share = (long) known * percent / 100;
        return (int) Math.min(tags, Math.max(ALWAYS, share));
    }
}
