package dev.precast.launcher.command;

import dev.precast.launcher.cluster.WalkProgressSum;
import dev.precast.launcher.progress.Terminal;
import dev.precast.schemas.record.WalkReport.Position;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Shows a walk until it is done: a bar on a terminal, else a line now and then. */
final class WalkDisplay {
    private static final long LINE_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long SILENCE_NANOS = Duration.ofSeconds(15).toNanos();

    private final PrintWriter err;
    private final boolean terminal;
    private final LongSupplier nanos;
    private final long begun;
    private @Nullable ProgressBar bar;
    private long nextLine;
    private long nextHint;

    /** What is waited for. */
    interface Walk {
        WalkProgressSum await(Position target, java.util.function.Consumer<WalkProgressSum> each) throws IOException;
    }

    WalkDisplay(PrintWriter err, boolean terminal, LongSupplier nanos) {
        this.err = err;
        this.terminal = terminal;
        this.nanos = nanos;
        this.begun = nanos.getAsLong();
        this.nextLine = begun + LINE_NANOS;
        this.nextHint = begun + SILENCE_NANOS;
    }

    /** Returns when the walk is done, and says what it did. */
    static void follow(PrintWriter err, Walk walk, Position target) throws IOException {
        WalkDisplay display = new WalkDisplay(err, Terminal.isThere(), System::nanoTime);
        WalkProgressSum sum;
        try {
            sum = walk.await(target, display::show);
        } finally {
            display.end();
        }
        display.done(sum);
    }

    void show(WalkProgressSum sum) {
        long now = nanos.getAsLong();
        if (sum.reports().isEmpty()) {
            if (now - nextHint > 0) {
                err.println(
                        "No converter has taken it in yet. Is one running? Ctrl-C ends this command, not the work.");
                nextHint = now + 2 * SILENCE_NANOS;
            }
            return;
        }
        if (sum.isStuck() && now - nextHint > 0) {
            err.println(sum.waiting()
                    + " tags wait for a key that their converter does not hold, or could not be signed: see"
                    + " `precast keys list`, and the converters' health and log.");
            nextHint = now + 2 * SILENCE_NANOS;
        }
        if (terminal) {
            showBar(sum);
        } else if (now - nextLine > 0) {
            err.println(line(sum, now - begun));
            nextLine = now + LINE_NANOS;
        }
    }

    /** Pure: tags so far, of how many, how fast, how long still. */
    static String line(WalkProgressSum sum, long nanosSoFar) {
        double seconds = Math.max(0.001, nanosSoFar / 1e9);
        double rate = sum.walked() / seconds;
        String left = rate < 1 ? "" : String.format(Locale.ROOT, ", about %.0f s left", sum.remaining() / rate);
        return String.format(
                Locale.ROOT,
                "%,d of about %,d tags, %,.0f/s%s",
                sum.walked(),
                sum.walked() + sum.remaining(),
                rate,
                left);
    }

    private void showBar(WalkProgressSum sum) {
        ProgressBar shown = bar;
        if (shown == null) {
            shown = Terminal.bar("Tags", Math.max(1, sum.walked() + sum.remaining()));
            bar = shown;
        }
        shown.maxHint(Math.max(1, sum.walked() + sum.remaining()));
        shown.stepTo(sum.walked());
    }

    private void end() {
        if (bar != null) {
            bar.close();
        }
    }

    private void done(WalkProgressSum sum) {
        err.printf(
                Locale.ROOT,
                "Done in %.1f s: %,d tags walked, %,d rebuilt, %,d unchanged.%n",
                (nanos.getAsLong() - begun) / 1e9,
                sum.walked(),
                sum.rebuilt(),
                sum.unchanged());
    }
}
