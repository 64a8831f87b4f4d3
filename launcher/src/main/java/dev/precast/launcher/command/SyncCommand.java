package dev.precast.launcher.command;

import dev.precast.launcher.cluster.Cluster;
import dev.precast.launcher.cluster.HintTopic;
import dev.precast.launcher.progress.Advance;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ResolverState;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Sweeping the registry, and repairing what differs. */
@Command(
        name = "sync",
        description = {
            "Compare the registry with what Precast knows, and look again at every tag that differs.",
            "Without a repository: all of them, those of the registry's catalog included."
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class SyncCommand implements Callable<Integer> {
    private static final int LOOK_MILLIS = 300;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "REPOSITORY", converter = RepositoryReader.class, description = "Only these.")
    private List<String> repositories = List.of();

    @Option(names = "--wait", description = "Show how far it is, and return once everything is compared and repaired.")
    private boolean wait;

    @Option(
            names = "--release-deletes",
            description = {
                "Let the deletes through that are held because they were too many at once, now and for the length of",
                "resolver.delete.guard.window.ms. Say so only if the registry has really lost these tags."
            })
    private boolean release;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try (HintTopic hints = new HintTopic(Cluster.find(options.values()))) {
            Map<TopicPartition, Long> ends =
                    hints.command(release ? Hint.RELEASE_DELETES : Hint.SYNC, repositories, Clock.systemUTC());
            String asked = release ? "release the held deletes" : "sweep";
            String what = repositories.isEmpty() ? "everything" : String.join(", ", repositories);
            if (!wait) {
                err.println("Asked ingest to " + asked + ": " + what + ". `--wait` shows how far it is.");
                return 0;
            }
            Totals found = follow(hints, ends, release ? "release" : "sweep");
            follow(hints, hints.ends(ends.keySet()), "repair");
            Totals after = Totals.of(hints.committed(), ends.keySet(), true);
            err.println(
                    release
                            ? "Released: " + what + ", " + after.known + " known."
                            : "Swept: " + what + ", " + found.tagsDone + " tags compared, " + found.differences
                                    + " differed, " + after.known + " known.");
            if (after.held > 0) {
                err.println(after.held + " tags that the registry no longer has are kept, because these are too many at"
                        + " once. If it is right: `precast sync --release-deletes`.");
            }
            if (!release && found.unread > 0) {
                err.println("Cannot sweep " + what + ": " + found.unread
                        + " of the registry's lists could not be read, expected"
                        + " all. What is new there is not found; see ingest's log, then `precast sync` again.");
                return 1;
            }
            return 0;
        }
    }

    /** Returns once the offsets are committed, with what the resolvers said then. */
    private Totals follow(HintTopic hints, Map<TopicPartition, Long> ends, String task)
            throws IOException, InterruptedException {
        try (Advance advance = Advance.of(task, spec.commandLine().getErr())) {
            while (true) {
                Map<TopicPartition, OffsetAndMetadata> committed = hints.committed();
                long left = left(committed, ends);
                if (left == 0) {
                    return Totals.of(committed, ends.keySet(), true);
                }
                // One that has ended is an earlier one.
                Totals now = Totals.of(committed, ends.keySet(), false);
                if (task.equals("sweep")) {
                    advance.at(now.tagsDone, now.tags, now.remark());
                } else {
                    advance.left(left, now.away ? "the registry does not answer" : "events and differences to look at");
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        }
    }

    private static long left(Map<TopicPartition, OffsetAndMetadata> committed, Map<TopicPartition, Long> ends) {
        long left = 0;
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            OffsetAndMetadata found = committed.get(end.getKey());
            left += Math.max(0, end.getValue() - (found == null ? 0 : found.offset()));
        }
        return left;
    }

    /** The resolvers' states, summed up. */
    private record Totals(
            long known,
            long held,
            boolean away,
            long repositories,
            long repositoriesDone,
            long tags,
            long tagsDone,
            long differences,
            long unread) {
        static final Totals NONE = new Totals(0, 0, false, 0, 0, 0, 0, 0, 0);

        static Totals of(
                Map<TopicPartition, OffsetAndMetadata> committed, Iterable<TopicPartition> which, boolean ended) {
            Totals sum = NONE;
            for (TopicPartition partition : which) {
                OffsetAndMetadata found = committed.get(partition);
                Optional<ResolverState> state = ResolverState.fromMetadata(found == null ? null : found.metadata());
                if (state.isPresent()) {
                    sum = sum.plus(state.get(), ended);
                }
            }
            return sum;
        }

        private Totals plus(ResolverState state, boolean ended) {
            ResolverState.Sweep sweep =
                    state.sweep() == null || state.sweep().ended() != ended ? ResolverState.Sweep.NONE : state.sweep();
            return new Totals(
                    known + state.known(),
                    held + state.heldDeletes(),
                    away || state.registryAway(),
                    repositories + sweep.repositories(),
                    repositoriesDone + sweep.repositoriesDone(),
                    tags + sweep.tags(),
                    tagsDone + sweep.tagsDone(),
                    differences + sweep.differences(),
                    unread + sweep.unread());
        }

        String remark() {
            return repositories == 0
                    ? (away ? "the registry does not answer" : "")
                    : "repository " + repositoriesDone + " of " + repositories + ", " + differences + " differ"
                            + (away ? ", the registry does not answer" : "");
        }
    }

    /** For picocli. */
    static final class RepositoryReader implements ITypeConverter<String> {
        @Override
        public String convert(String text) {
            if (!Reference.isRepository(text)) {
                throw new TypeConversionException("Not a repository: found \"" + text
                        + "\", expected lower-case path components such as library/hello.");
            }
            return text;
        }
    }
}
