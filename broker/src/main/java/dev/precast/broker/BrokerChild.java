package dev.precast.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of the child JVM, from its start to its end. */
final class BrokerChild {
    /** After a crash the broker waits for its own old session, and on a slow disk it reads its logs again. */
    private static final Duration PATIENCE_FOR_READY = Duration.ofSeconds(60);

    private static final Duration PATIENCE_FOR_ORDER = Duration.ofSeconds(3);
    private static final Duration PATIENCE_FOR_TERM = Duration.ofSeconds(1);
    private static final Duration PATIENCE_FOR_KILL = Duration.ofSeconds(10);

    private final Process process;
    private final BrokerLog log;
    private final String address;

    private BrokerChild(Process process, BrokerLog log, String address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    /** Returns once the broker takes connections. */
    static BrokerChild start(BrokerSettings settings, int port) throws IOException, InterruptedException {
        Files.createDirectories(settings.directory());
        BrokerLog log = new BrokerLog(settings.directory().resolve("broker.log"));
        Process process = new ProcessBuilder(BrokerCommand.of(settings, port)).start();
        daemon("broker-log", () -> log.copy(process.getErrorStream()));
        try {
            String answer = answer(process);
            if (answer.startsWith(BrokerMain.READY)) {
                return new BrokerChild(process, log, answer.substring(BrokerMain.READY.length()));
            }
            if (process.waitFor(PATIENCE_FOR_TERM.toMillis(), TimeUnit.MILLISECONDS)
                    && process.exitValue() == BrokerMain.PORT_TAKEN
                    && port == 0) {
                return start(settings, port);
            }
            throw failure(answer, log);
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    String address() {
        return address;
    }

    int port() {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    Process process() {
        return process;
    }

    BrokerLog log() {
        return log;
    }

    /** Ends it in order; by force when it does not end. Interruption shortens the wait. */
    void end() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            process.destroy();
        }
        try {
            if (!process.waitFor(PATIENCE_FOR_ORDER.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroy();
                if (!process.waitFor(PATIENCE_FOR_TERM.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    // Its directory is not free before it has ended.
                    process.waitFor(PATIENCE_FOR_KILL.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static String answer(Process process) throws IOException, InterruptedException {
        CompletableFuture<String> answer = new CompletableFuture<>();
        daemon("broker-answer", () -> {
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                String line = lines.readLine();
                answer.complete(line == null ? "" : line);
            } catch (IOException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(PATIENCE_FOR_READY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return BrokerMain.FAILED + "It was not ready within " + PATIENCE_FOR_READY.toSeconds() + " s.";
        } catch (ExecutionException e) {
            throw new IOException("Cannot read the broker's answer", e.getCause());
        }
    }

    private static BrokerException failure(String answer, BrokerLog log) {
        if (answer.startsWith(BrokerMain.FAILED)) {
            String sentence = answer.substring(BrokerMain.FAILED.length());
            return new BrokerException(
                    sentence.startsWith("Cannot ")
                            ? sentence
                            : "Cannot start the broker: " + sentence + " See " + log.file() + tail(log));
        }
        return new BrokerException(
                "Cannot start the broker: it ended without an answer. See " + log.file() + tail(log));
    }

    private static String tail(BrokerLog log) {
        return log.tail().isEmpty() ? "." : ", which ends with:\n  " + String.join("\n  ", log.tail());
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
