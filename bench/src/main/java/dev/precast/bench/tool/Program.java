package dev.precast.bench.tool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A child process whose output goes to a file; ended with this JVM. Thread-safe. */
public final class Program implements AutoCloseable {
    private static final Duration GENTLE = Duration.ofSeconds(20);

    private final Process process;
    private final Path output;
    private final Thread endWithJvm;

    private Program(Process process, Path output) {
        this.process = process;
        this.output = output;
        this.endWithJvm = new Thread(process::destroyForcibly, "end-" + process.pid());
        Runtime.getRuntime().addShutdownHook(endWithJvm);
    }

    /** @param output takes what it says on both of its outputs */
    public static Program start(Path output, List<String> command) throws IOException {
        Files.createDirectories(output.toAbsolutePath().getParent());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.PIPE);
        return new Program(builder.start(), output);
    }

    /**
     * Runs {@code command} to its end and gives its standard output.
     *
     * @throws IOException if it ends with another code than 0
     */
    public static String run(Duration limit, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("bench", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("Cannot run " + command.get(0) + ": it did not end within " + limit + ".");
            }
            String text = Files.readString(output);
            if (process.exitValue() != 0) {
                throw new IOException("Cannot run " + command + ": exit code " + process.exitValue() + ". " + text);
            }
            return text;
        } finally {
            Files.delete(output);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    public ProcessUsage usage() {
        return new ProcessUsage(List.of(pid()));
    }

    /**
     * Waits until the output has a line in which {@code line} is found, and gives the match.
     *
     * @throws IOException if the process ends or the time is over before that
     */
    public Matcher await(Pattern line, Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            boolean ended = !process.isAlive();
            Matcher found = line.matcher(output());
            if (found.find()) {
                return found;
            }
            if (ended) {
                throw new IOException("A program ended before it said " + line + ": " + output());
            }
            Thread.sleep(5);
        }
        throw new IOException("A program did not say " + line + " within " + limit + ": " + output());
    }

    /** What it has said so far. */
    public String output() throws IOException {
        return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }

    /** Kills it as a crash would. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends it in order; after 20 s by force. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(GENTLE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(endWithJvm);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and finds the process gone.
        }
    }
}
