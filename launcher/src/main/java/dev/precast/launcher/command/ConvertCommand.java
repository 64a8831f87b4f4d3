package dev.precast.launcher.command;

import dev.precast.converter.Conversion;
import dev.precast.converter.ImageConverter;
import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.ManifestSigner;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.KeyException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The pure conversion, on files. */
@Command(
        name = "convert",
        description =
                "Build the schema 1 manifest of an image from its manifest and config; the result goes to standard output.",
        footer = {
            "",
            "For example, from a registry:",
            "  skopeo inspect --raw docker://registry.example.com/team/app:1.0 > manifest.json",
            "  skopeo inspect --raw --config docker://registry.example.com/team/app:1.0 |",
            "    precast convert --manifest manifest.json --config - --repository team/app --tag 1.0 | precast verify -"
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class ConvertCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--manifest",
            required = true,
            paramLabel = "FILE",
            description = "Schema 2 or OCI manifest; - is standard input.")
    private String manifest;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The config blob that it names; - is standard input.")
    private String config;

    @Option(names = "--repository", required = true, paramLabel = "NAME", description = "Without host.")
    private String repository;

    @Option(names = "--tag", required = true, paramLabel = "TAG")
    private String tag;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "Private key that signs, PEM or JWK. Without it, a key for this run only.")
    private List<Path> keys = new ArrayList<>();

    @Option(names = "--unsigned", description = "Print the payload that would be signed.")
    private boolean unsigned;

    @Override
    public Integer call() throws IOException, KeyException, CommandException {
        if (manifest.equals("-") && config.equals("-")) {
            throw new CommandException(
                    "Cannot read both files from standard input: found - for --manifest and --config, expected one of them.");
        }
        ImageRecord image = ImageFiles.read(new Reference(repository, tag), manifest, config);
        Conversion conversion = ImageConverter.convert(image, new RepositorySettings(true, List.of()));
        if (conversion.schema1() instanceof Conversion.Schema1.Payload payload) {
            write(
                    unsigned
                            ? payload.payload()
                            : ManifestSigner.signChecked(
                                    payload.payload(), keys(), Clock.systemUTC().instant()));
        } else if (conversion.schema1() instanceof Conversion.Schema1.Stored stored) {
            write(stored.manifest().bytes());
        } else if (conversion.schema1() instanceof Conversion.Schema1.Refused refused) {
            throw refused(refused.refusal());
        }
        return 0;
    }

    static CommandException refused(Refusal refusal) {
        return new CommandException(refusal.reason() + ": " + refusal.message() + " "
                + refusal.reason().nextStep());
    }

    private List<SigningKey> keys() throws KeyException {
        if (keys.isEmpty()) {
            SigningKey key = SigningKey.generateEc(new SecureRandom());
            spec.commandLine().getErr().println("Signed with a key for this run only; name one with --key.");
            return List.of(key);
        }
        List<SigningKey> read = new ArrayList<>();
        for (Path file : keys) {
            read.add(KeyFiles.read(file));
        }
        return read;
    }

    /** Exactly these bytes: a line feed more would change the digest. */
    private static void write(byte[] bytes) throws IOException {
        OutputStream out = System.out;
        out.write(bytes);
        out.flush();
    }
}
