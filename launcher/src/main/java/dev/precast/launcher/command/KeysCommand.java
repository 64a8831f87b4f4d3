package dev.precast.launcher.command;

import com.nimbusds.jose.jwk.JWK;
import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.launcher.cluster.Cluster;
import dev.precast.launcher.cluster.KeysTopic;
import dev.precast.launcher.cluster.WalksTopic;
import dev.precast.launcher.config.KeyDirectory;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.schemas.record.WalkReport.Position;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Signing keys. */
@Command(
        name = "keys",
        description = "Make signing keys, and say which of them sign.",
        subcommands = {
            KeysCommand.Show.class,
            KeysCommand.Generate.class,
            KeysCommand.Rotate.class,
            KeysCommand.Retire.class
        },
        synopsisSubcommandLabel = "(list | generate | rotate | retire)")
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class KeysCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(
                spec.commandLine(), "Missing: list, generate, rotate or retire.");
    }

    /** What there is. */
    @Command(name = "list", description = "Print the keys that converters know, and their states.")
    public static final class Show implements Callable<Integer> {
        @Mixin
        private CommonOptions options;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            KeyRing ring = new KeysTopic(Cluster.find(options.values())).read();
            if (ring.keys().isEmpty()) {
                spec.commandLine()
                        .getErr()
                        .println("No key is known: converters sign with a key for one run only. `precast keys generate`"
                                + " makes a lasting one.");
                return 0;
            }
            PrintWriter out = spec.commandLine().getOut();
            Instant now = Instant.now();
            String row = "%-59s  %-5s  %-9s  %-20s  %s%n";
            out.printf(row, "KEY", "TYPE", "STATE", "SINCE", "SIGNS");
            for (SigningKeyRecord key : ring.keys()) {
                out.printf(
                        row,
                        key.keyId(),
                        type(key),
                        key.state().text(),
                        key.since().truncatedTo(ChronoUnit.SECONDS),
                        signs(key, now));
            }
            out.flush();
            return 0;
        }

        private static String signs(SigningKeyRecord key, Instant now) {
            if (!key.signs(now)) {
                return "no";
            }
            return key.until() == null ? "yes" : "until " + key.until().truncatedTo(ChronoUnit.SECONDS);
        }

        private static String type(SigningKeyRecord key) {
            try {
                JWK jwk = JWK.parse(key.jwk());
                return jwk.getKeyType().getValue() + (jwk.size() > 0 && jwk.size() < 1000 ? jwk.size() : "");
            } catch (ParseException e) {
                return "?";
            }
        }
    }

    /** A new one. */
    @Command(
            name = "generate",
            description = {
                "Make a private key in the key directory, which converters look at all the time. Prints its key id.",
                "The first key signs at once, a later one when `precast keys rotate` says so."
            })
    public static final class Generate implements Callable<Integer> {
        /** EC on P-256, or RSA with 2048 bits. */
        enum Type {
            EC,
            RSA
        }

        @Mixin
        private CommonOptions options;

        @Option(
                names = "--type",
                paramLabel = "ec|rsa",
                description =
                        "Default: ec, which signs four times as fast as rsa on Linux x86-64, and more than ten times elsewhere.")
        private Type type = Type.EC;

        @Option(
                names = "--out",
                paramLabel = "DIR",
                description = "Another directory, for converters on other machines.")
        private @Nullable Path directory;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Path target = directory != null ? directory : KeyDirectory.of(options.values());
            KeyDirectory.make(target);
            SecureRandom random = new SecureRandom();
            SigningKey key = type == Type.EC ? SigningKey.generateEc(random) : SigningKey.generateRsa(random);
            Path file = target.resolve(KeyDirectory.fileName(key.keyId()));
            KeyFiles.write(file, key);
            spec.commandLine().getOut().println(key.keyId());
            spec.commandLine()
                    .getErr()
                    .println(
                            "The private key is in " + file
                                    + ". Keep a copy. A first key signs at once; later ones when `precast keys rotate` says so.");
            return 0;
        }
    }

    /** From one to the next. */
    @Command(
            name = "rotate",
            description = {
                "Make another key the active one. The one before signs beside it until the overlap ends, then no more.",
                "Everything that is published is signed anew while it is served."
            })
    public static final class Rotate implements Callable<Integer> {
        private static final Duration PATIENCE = Duration.ofSeconds(5);
        private static final long LOOK_MILLIS = 250;

        @Mixin
        private CommonOptions options;

        @Option(
                names = "--to",
                paramLabel = "KEYID",
                description = "The key, or the beginning of its id. Default: the one that is available.")
        private @Nullable String to;

        @Option(
                names = "--overlap",
                paramLabel = "DURATION",
                converter = DurationReader.class,
                description =
                        "How long others sign beside it at most: 90s, 15m, 24h, 7d, 0. Default: 24h for the key before, and"
                                + " overlaps that go on already stay.")
        private @Nullable Duration overlap;

        @Option(names = "--wait", description = "Show the progress, and end when everything carries the new key.")
        private boolean wait;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException, CommandException {
            KafkaConfig kafka = Cluster.find(options.values());
            KeysTopic topic = new KeysTopic(kafka);
            SigningKeyRecord next = next(topic, topic.read());
            Instant now = Instant.now();
            KeysTopic.Stand stand = topic.stand();
            List<SigningKeyRecord> states = KeyChoice.rotation(stand.ring(), next, now, overlap);
            PrintWriter err = spec.commandLine().getErr();
            long offset = stand.offset();
            if (states.isEmpty()) {
                err.println("The key " + next.keyId() + " is the active one already.");
            } else {
                offset = topic.write(states);
                // Whatever became active while this was decided.
                KeyRing after = topic.read();
                offset = Math.max(offset, topic.write(KeyChoice.surplus(after, next.keyId(), now, overlap)));
                spec.commandLine().getOut().println(next.keyId());
                err.println(said(next, states));
            }
            if (wait) {
                WalksTopic walks = new WalksTopic(kafka, Clock.systemUTC());
                WalkDisplay.follow(err, walks::await, new Position(-1, offset, -1));
            }
            return 0;
        }

        private static String said(SigningKeyRecord next, List<SigningKeyRecord> states) {
            Optional<Instant> until = states.stream()
                    .map(SigningKeyRecord::until)
                    .filter(Objects::nonNull)
                    .max(Comparator.naturalOrder());
            return "The key " + next.keyId() + " signs now"
                    + until.map(end -> "; the one before signs beside it until " + end.truncatedTo(ChronoUnit.SECONDS))
                            .orElse("")
                    + ".";
        }

        /** A key that was made a moment ago is not known yet: the converters are given a moment to find it. */
        private SigningKeyRecord next(KeysTopic topic, KeyRing ring)
                throws IOException, InterruptedException, CommandException {
            long end = System.nanoTime() + PATIENCE.toNanos();
            KeyRing known = ring;
            while (true) {
                try {
                    return to == null ? KeyChoice.available(known) : KeyChoice.named(known, to);
                } catch (CommandException e) {
                    if (System.nanoTime() - end > 0) {
                        throw e;
                    }
                    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                    known = topic.read();
                }
            }
        }
    }

    /** Never again. */
    @Command(
            name = "retire",
            description = {
                "Say that a key never signs again. It is no longer published, and what only it has signed is taken back.",
                "Its file can be deleted then."
            })
    public static final class Retire implements Callable<Integer> {
        @Mixin
        private CommonOptions options;

        @Parameters(paramLabel = "KEYID", description = "The key, or the beginning of its id.")
        private String keyId;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException, CommandException {
            KeysTopic topic = new KeysTopic(Cluster.find(options.values()));
            KeyRing ring = topic.read();
            SigningKeyRecord key = KeyChoice.named(ring, keyId);
            topic.write(KeyChoice.retirement(ring, key, Instant.now()));
            spec.commandLine()
                    .getErr()
                    .println("The key " + key.keyId() + " is retired. Delete its file from every converter.");
            return 0;
        }
    }
}
