package dev.precast.launcher.up;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;

/** One line for each step when it is done, with the time that it took. Thread-safe. */
public final class Progress {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrintWriter out;
    private final long started = System.nanoTime();

    public Progress(PrintWriter out) {
        this.out = out;
    }

    /** Runs the step; what it returns is shown as its outcome. */
    String step(String name, Callable<String> work) throws Exception {
        long before = System.nanoTime();
        String outcome = work.call();
        line(name, before, outcome);
        return outcome;
    }

    /** The time since this object was made. */
    void total(String name, String outcome) {
        line(name, started, outcome);
    }

    void say(String sentence) {
        out.println(sentence);
        out.flush();
    }

    private void line(String name, long since, String outcome) {
        double seconds = (System.nanoTime() - since) / NANOS_PER_SECOND;
        say(String.format(Locale.ROOT, "%-10s %5.1f s  %s", name, seconds, outcome));
    }
}
