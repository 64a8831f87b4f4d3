package dev.precast.e2e.tool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A program that runs beside a test and ends with it. What it prints goes to a file, which failures quote. */
public final class ChildProcess implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Process process;
    private final Path output;
    /** Stopped by us: a process that ends by itself between two looks at it cannot be woken up. */
    private volatile boolean paused;

    private ChildProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts {@code command} with no input, printing to {@code output}. */
    public static ChildProcess start(List<String> command, Path output) {
        return start(command, output, Map.of());
    }

    /** @param environment variables beside those of this process */
    public static ChildProcess start(List<String> command, Path output, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-" + process.pid()));
            return new ChildProcess(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + command.get(0) + ".", e);
        }
    }

    /** Runs {@code command} to its end and gives what it printed; never throws for an exit code. */
    public static Finished run(List<String> command, Path output, Duration limit) {
        try (ChildProcess child = start(command, output)) {
            if (!child.waitFor(limit)) {
                throw new AssertionError(
                        command + " did not end within " + limit.toSeconds() + " s; it printed:\n" + child.output());
            }
            return new Finished(command, child.process.exitValue(), child.output());
        }
    }

    /** Waits for a line that starts with {@code start}; fails early when the program ends before. */
    public void awaitLine(String start, Duration limit) {
        awaitLine(start, line -> line.startsWith(start), limit);
    }

    /** As {@link #awaitLine}, for a line that holds {@code whole} and nothing else. */
    public void awaitWholeLine(String whole, Duration limit) {
        awaitLine(whole, whole::equals, limit);
    }

    private void awaitLine(String name, Predicate<String> wanted, Duration limit) {
        try {
            Awaitility.await()
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> hasEnded() || output().lines().anyMatch(wanted));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("No line \"" + name + "\" within " + limit + " in:\n" + output(), e);
        }
        if (hasEnded()) {
            throw new AssertionError(
                    "Ended with " + process.exitValue() + " before the line \"" + name + "\":\n" + output());
        }
    }

    public boolean hasEnded() {
        return !process.isAlive();
    }

    /** Whether it ended within {@code limit}. */
    public boolean waitFor(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for a child process.", e);
        }
    }

    /** The process and, first, everything it started. */
    public List<ProcessHandle> family() {
        return Stream.concat(process.toHandle().descendants(), Stream.of(process.toHandle()))
                .toList();
    }

    /** What Ctrl-C and an init system send. */
    public void terminate() {
        process.destroy();
    }

    /** {@code kill -9} of this one process, not of its children. */
    public void kill() {
        process.destroyForcibly();
    }

    /** {@code kill -STOP}: it is there, and does nothing, until {@link #resume}. */
    public void pause() {
        signal("-STOP");
        paused = true;
    }

    /** {@code kill -CONT}. */
    public void resume() {
        signal("-CONT");
        paused = false;
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new AssertionError("kill " + signal + " ended with " + kill.exitValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while sending a signal.", e);
        }
    }

    /** Waits until all that it has printed so far holds a match of {@code pattern}; fails early when it ends before. */
    public void awaitMatch(Pattern pattern, Duration limit) {
        Awaitility.await()
                .alias("a match of " + pattern)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> pattern.matcher(output()).find() || hasEnded());
        if (!pattern.matcher(output()).find()) {
            throw new AssertionError("Ended without a match of " + pattern + ":\n" + output());
        }
    }

    public String output() {
        try {
            return Files.exists(output) ? Files.readString(output, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (paused && !hasEnded()) {
            resume();
        }
        List<ProcessHandle> family = family();
        terminate();
        if (!waitFor(GRACE)) {
            family.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /**
     * A program that ran to its end.
     *
     * @param output what it printed, both streams
     */
    public record Finished(List<String> command, int exitCode, String output) {
        public Finished requireSuccess() {
            if (exitCode != 0) {
                throw new AssertionError(command + " ended with " + exitCode + " after printing:\n" + output);
            }
            return this;
        }
    }
}
