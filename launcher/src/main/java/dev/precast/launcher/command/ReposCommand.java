package dev.precast.launcher.command;

import dev.precast.launcher.cluster.Cluster;
import dev.precast.launcher.cluster.SettingsTopic;
import dev.precast.launcher.cluster.WalksTopic;
import dev.precast.schemas.image.Platform;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.RepositorySettings.Wildcard;
import dev.precast.schemas.record.WalkReport.Position;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Which repositories are converted, and for which platform. */
@Command(
        name = "repos",
        description = "Say which repositories are converted, and for which platform.",
        subcommands = {ReposCommand.Show.class, ReposCommand.Enable.class, ReposCommand.Disable.class},
        synopsisSubcommandLabel = "(list | enable | disable)")
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class ReposCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(spec.commandLine(), "Missing: list, enable or disable.");
    }

    /** What is set. */
    @Command(
            name = "list",
            description = {
                "Print the patterns and their settings. Of several that match, the most specific is in force: the one with most",
                "characters besides stars, then the one with fewest stars. They are printed in this order."
            })
    public static final class Show implements Callable<Integer> {
        @Mixin
        private CommonOptions options;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Map<String, RepositorySettings> settings = new SettingsTopic(Cluster.find(options.values())).read();
            if (settings.isEmpty()) {
                spec.commandLine()
                        .getErr()
                        .println(
                                "Nothing is set: no repository is converted. `precast repos enable PATTERN` turns it on.");
                return 0;
            }
            int width =
                    settings.keySet().stream().mapToInt(String::length).max().orElse(0);
            String row = "%-" + Math.max(width, "PATTERN".length()) + "s  %-10s  %-8s  %-6s  %s%n";
            spec.commandLine().getOut().printf(row, "PATTERN", "CONVERSION", "WILDCARD", "STRICT", "PLATFORMS");
            List<RepositoryPattern> patterns = settings.keySet().stream()
                    .map(RepositoryPattern::tryParse)
                    .flatMap(Optional::stream)
                    .sorted(RepositoryPattern.MOST_SPECIFIC_FIRST)
                    .toList();
            for (RepositoryPattern pattern : patterns) {
                RepositorySettings set = settings.getOrDefault(pattern.text(), RepositorySettings.OFF);
                spec.commandLine()
                        .getOut()
                        .printf(
                                row,
                                pattern.text(),
                                set.schemaConversion() ? "on" : "off",
                                set.wildcard().name().toLowerCase(Locale.ROOT),
                                set.strict() ? "on" : "off",
                                platforms(set));
            }
            for (String key : settings.keySet()) {
                if (RepositoryPattern.tryParse(key).isEmpty()) {
                    spec.commandLine()
                            .getOut()
                            .printf(row, shown(key), "unusable", "-", "-", "no repository pattern; nothing goes by it");
                }
            }
            return 0;
        }
    }

    /** Conversion on. */
    @Command(name = "enable", description = "Turn conversion on for the repositories that the pattern matches.")
    public static final class Enable implements Callable<Integer> {
        @Mixin
        private CommonOptions options;

        @Parameters(
                paramLabel = "PATTERN",
                converter = PatternReader.class,
                description = "* is any run of characters.")
        private RepositoryPattern pattern;

        @Option(
                names = "--platform",
                paramLabel = "OS/ARCH",
                converter = PlatformReader.class,
                description =
                        "Which image of a list old clients get: os/arch[/variant]. Several: most wanted first. Default: linux/amd64.")
        private @Nullable List<Platform> platforms;

        @Option(
                names = "--wildcard",
                paramLabel = "schema1|native",
                description =
                        "What clients get that accept anything, such as curl: schema 1 (default), or the stored manifest.")
        private @Nullable Wildcard wildcard;

        @Option(
                names = "--strict",
                negatable = true,
                description =
                        "404 instead of schema 1 for clients that name manifest types of which none fits. Default: off.")
        private @Nullable Boolean strict;

        @Option(names = "--wait", description = "Show the progress, and end when every tag is as wanted.")
        private boolean wait;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            return set(
                    spec,
                    options,
                    pattern,
                    before -> new RepositorySettings(
                            true,
                            platforms == null
                                    ? before.platforms()
                                    : platforms.stream().map(Platform::toString).toList(),
                            wildcard == null ? before.wildcard() : wildcard,
                            strict == null ? before.strict() : strict),
                    wait);
        }
    }

    /** Conversion off. */
    @Command(name = "disable", description = "Turn conversion off for the repositories that the pattern matches.")
    public static final class Disable implements Callable<Integer> {
        @Mixin
        private CommonOptions options;

        @Parameters(
                paramLabel = "PATTERN",
                converter = PatternReader.class,
                description = "* is any run of characters.")
        private RepositoryPattern pattern;

        @Option(names = "--wait", description = "Show the progress, and end when every tag is as wanted.")
        private boolean wait;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            return set(
                    spec,
                    options,
                    pattern,
                    before -> new RepositorySettings(false, before.platforms(), before.wildcard(), before.strict()),
                    wait);
        }
    }

    private static int set(
            CommandSpec spec,
            CommonOptions options,
            RepositoryPattern pattern,
            UnaryOperator<RepositorySettings> change,
            boolean wait)
            throws IOException, InterruptedException {
        KafkaConfig kafka = Cluster.find(options.values());
        SettingsTopic topic = new SettingsTopic(kafka);
        RepositorySettings after = change.apply(topic.read().getOrDefault(pattern.text(), RepositorySettings.OFF));
        long offset = topic.write(Map.of(pattern, after));
        boolean on = after.schemaConversion();
        spec.commandLine()
                .getErr()
                .println("Conversion is " + (on ? "on" : "off") + " for " + pattern.text()
                        + (on ? ", platforms " + platforms(after) : "") + ".");
        if (wait) {
            WalksTopic walks = new WalksTopic(kafka, Clock.systemUTC());
            WalkDisplay.follow(spec.commandLine().getErr(), walks::await, new Position(offset, -1, -1));
        }
        return 0;
    }

    /** Whoever wrote it: nothing that a terminal would take for a command. */
    private static String shown(String key) {
        return key.replaceAll("\\p{Cntrl}", "?");
    }

    private static String platforms(RepositorySettings settings) {
        return settings.platformOrder().stream().map(Platform::toString).collect(Collectors.joining(" "));
    }

    /** For picocli. */
    static final class PatternReader implements ITypeConverter<RepositoryPattern> {
        @Override
        public RepositoryPattern convert(String text) {
            try {
                return new RepositoryPattern(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** For picocli. */
    static final class PlatformReader implements ITypeConverter<Platform> {
        @Override
        public Platform convert(String text) {
            try {
                return Platform.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
