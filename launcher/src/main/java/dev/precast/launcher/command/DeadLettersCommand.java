package dev.precast.launcher.command;

import dev.precast.launcher.cluster.Cluster;
import dev.precast.launcher.cluster.DeadLetters;
import dev.precast.launcher.cluster.LetterRetry;
import dev.precast.launcher.cluster.Resubmission;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.DeadLetter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What was refused at the door, and trying again. */
@Command(
        name = "dead-letters",
        description = "Print what was refused at the door, or try it again.",
        subcommands = {DeadLettersCommand.Show.class, DeadLettersCommand.Retry.class},
        synopsisSubcommandLabel = "(list | retry)")
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class DeadLettersCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing: list or retry.");
    }

    /** What there is. */
    @Command(name = "list", description = "Print the newest, oldest of them first. They are kept for 30 days.")
    public static final class Show implements Callable<Integer> {
        @Mixin
        private CommonOptions options;

        @Spec
        private CommandSpec spec;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "50", description = "At most N. Default: 50.")
        private int limit;

        @Option(names = "--json", description = "One JSON object a line, with the body in Base64.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            AtomicInteger found = new AtomicInteger();
            new DeadLetters(Cluster.find(options.values())).newest(Math.max(1, limit), stored -> {
                if (found.getAndIncrement() == 0 && !json) {
                    out.printf("%-10s  %-20s  %-14s  %-18s  %s%n", "PLACE", "TIME", "SOURCE", "REASON", "MESSAGE");
                }
                out.println(json ? json(stored) : row(stored));
            });
            out.flush();
            if (found.get() == 0) {
                spec.commandLine().getErr().println("There are no dead letters.");
            }
            return 0;
        }

        private static String row(DeadLetters.Stored stored) {
            DeadLetter letter = stored.letter();
            return String.format(
                    "%-10s  %-20s  %-14s  %-18s  %s",
                    stored.place(),
                    stored.writtenAt().truncatedTo(ChronoUnit.SECONDS),
                    letter == null ? "" : letter.source(),
                    letter == null ? "UNREADABLE" : letter.reason(),
                    letter == null
                            ? "The record is no dead letter."
                            : (letter.offset() == null ? "" : letter.offset() + ": ") + oneLine(letter.message()));
        }

        private static String json(DeadLetters.Stored stored) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("partition", stored.partition());
            object.put("offset", stored.offset());
            object.put("writtenAt", stored.writtenAt());
            object.put("letter", stored.letter());
            return new String(RecordJson.write(object), StandardCharsets.UTF_8);
        }

        /** Control characters in what strangers sent must not reach the terminal. */
        private static String oneLine(String text) {
            return text.replaceAll("\\p{Cntrl}+", " ");
        }
    }

    /** Again. */
    @Command(
            name = "retry",
            description = {
                "Read bodies again as if they came now, and look again at the tags of records that could not be read.",
                "Doing so twice does no harm. Exit code 1 when any is still refused."
            })
    public static final class Retry implements Callable<Integer> {
        private static final Pattern PLACE = Pattern.compile("\\d+:\\d+");

        @Mixin
        private CommonOptions options;

        @Spec
        private CommandSpec spec;

        @Parameters(
                paramLabel = "PARTITION:OFFSET",
                arity = "0..*",
                description = "As `dead-letters list` prints them.")
        private List<String> places = List.of();

        @Option(names = "--all", description = "Every one that there is.")
        private boolean all;

        @Override
        public Integer call() throws IOException {
            if (all == !places.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "Expected PARTITION:OFFSET, or --all.");
            }
            Set<String> wanted = new LinkedHashSet<>();
            for (String place : places) {
                if (!PLACE.matcher(place).matches()) {
                    throw new ParameterException(
                            spec.commandLine(), "Found \"" + place + "\", expected PARTITION:OFFSET such as 0:17.");
                }
                wanted.add(place.replaceAll("\\b0+(?=\\d)", "")); // As they are printed.
            }
            DeadLetters letters = new DeadLetters(Cluster.find(options.values()));
            return retry(letters, wanted);
        }

        /** What came of them, one after the other. */
        private final class Count {
            private final Resubmission hints;
            private final Set<String> left;
            private int tried;
            private int refused;

            Count(Resubmission hints, Set<String> left) {
                this.hints = hints;
                this.left = left;
            }

            void one(DeadLetters.Stored stored) {
                LetterRetry retry = LetterRetry.of(stored, Clock.systemUTC().instant());
                try {
                    hints.add(retry.hints());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                say(stored.place(), Show.oneLine(retry.outcome()));
                left.remove(stored.place());
                tried++;
                refused += retry.done() ? 0 : 1;
            }

            int end() throws IOException {
                hints.flush();
                left.forEach(place -> say(place, "Not found."));
                refused += left.size();
                spec.commandLine().getOut().flush();
                spec.commandLine()
                        .getErr()
                        .println(tried + " tried, " + hints.count() + " hints written, " + refused + " still refused.");
                return refused == 0 ? 0 : 1;
            }
        }

        private int retry(DeadLetters letters, Set<String> wanted) throws IOException {
            try (Resubmission hints = letters.resubmission()) {
                Count count = new Count(hints, wanted);
                if (all) {
                    letters.all(count::one);
                } else {
                    letters.at(wanted, count::one);
                }
                return count.end();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        private void say(String place, String outcome) {
            spec.commandLine().getOut().printf("%-10s  %s%n", place, outcome);
        }
    }
}
