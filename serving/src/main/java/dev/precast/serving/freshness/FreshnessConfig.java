package dev.precast.serving.freshness;

import java.time.Duration;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;

/**
 * How far requests go for a variant that is not there yet.
 *
 * @param longestWait for it to be built, before the answer is that it is pending; zero: none
 * @param checked whether what the view has is compared with the upstream before it is served
 * @param lookEvery how long after a tag that is served was looked at upstream it is looked at again; zero: never. Of no account
 *     where {@code checked} is
 */
public record FreshnessConfig(Duration longestWait, boolean checked, Duration lookEvery) {
    public static final String WAIT = "serving.wait.ms";
    public static final String FRESHNESS = "serving.freshness";
    public static final String LOOK = "serving.look.ms";
    /** The default: what is in the view is served. */
    public static final String EVENTUAL = "eventual";

    public static final String CHECKED = "checked";

    /** Adds the keys of this class to a definition. */
    public static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        WAIT,
                        Type.INT,
                        2_000,
                        Range.between(0, 20_000),
                        Importance.MEDIUM,
                        "milliseconds that a request of a tag waits while its older format is being built; then 404 with the reason PENDING")
                .define(
                        FRESHNESS,
                        Type.STRING,
                        EVENTUAL,
                        ValidString.in(EVENTUAL, CHECKED),
                        Importance.MEDIUM,
                        "eventual: what was built is served; checked: only while the registry still has the image that it was built from, which costs the registry a HEAD a tag and second")
                .define(
                        LOOK,
                        Type.INT,
                        30_000,
                        Range.between(0, 86_400_000),
                        Importance.LOW,
                        "milliseconds between two looks at what the registry has under a tag that is served, so that a lost event heals; after the answer, at most five looks a second; 0: none");
    }

    public static FreshnessConfig from(AbstractConfig parsed) {
        return new FreshnessConfig(
                Duration.ofMillis(parsed.getInt(WAIT)),
                parsed.getString(FRESHNESS).equals(CHECKED),
                Duration.ofMillis(parsed.getInt(LOOK)));
    }
}
