package dev.precast.launcher.progress;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** A progress bar with an estimate at a terminal, a line every few seconds elsewhere. For one thread. */
public final class Advance implements AutoCloseable {
    private static final long LINE_NANOS = Duration.ofSeconds(5).toNanos();

    private final String task;
    private final PrintWriter out;
    private final LongSupplier nanoTime;
    private final @Nullable ProgressBar bar;
    private final long begun;
    private long lastLine;
    private long most;

    private Advance(String task, PrintWriter out, LongSupplier nanoTime, @Nullable ProgressBar bar) {
        this.task = task;
        this.out = out;
        this.nanoTime = nanoTime;
        this.bar = bar;
        this.begun = nanoTime.getAsLong();
        this.lastLine = begun - LINE_NANOS;
    }

    /** @param out where lines go; a bar goes to the terminal's error stream */
    public static Advance of(String task, PrintWriter out) {
        return Terminal.isThere()
                ? new Advance(task, out, System::nanoTime, Terminal.bar(task, 1))
                : lines(task, out, System::nanoTime);
    }

    /** Never a bar. */
    static Advance lines(String task, PrintWriter out, LongSupplier nanoTime) {
        return new Advance(task, out, nanoTime, null);
    }

    /** @param total as far as is known by now: it may grow */
    public void at(long done, long total, String remark) {
        if (bar != null) {
            bar.maxHint(Math.max(1, total));
            bar.stepTo(done);
            bar.setExtraMessage(remark.isEmpty() ? "" : " " + remark); // The bar puts nothing before it.
            return;
        }
        long now = nanoTime.getAsLong();
        if (now - lastLine >= LINE_NANOS) {
            lastLine = now;
            line(done, total, now, remark);
        }
    }

    /** Of what only says how much of it there still is: done is what the most there ever was has shrunk by. */
    public void left(long left, String remark) {
        most = Math.max(most, left);
        at(most - left, most, remark);
    }

    private void line(long done, long total, long now, String remark) {
        long seconds = Duration.ofNanos(now - begun).toSeconds();
        String percent = total == 0 ? "" : String.format(Locale.ROOT, " (%d %%)", 100 * done / total);
        String left = done == 0 || done >= total || seconds == 0
                ? ""
                : String.format(Locale.ROOT, ", about %d s left", seconds * (total - done) / done);
        out.printf(
                Locale.ROOT,
                "%s: %d of %d%s%s%s%n",
                task,
                done,
                total,
                percent,
                left,
                remark.isEmpty() ? "" : ", " + remark);
        out.flush();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
