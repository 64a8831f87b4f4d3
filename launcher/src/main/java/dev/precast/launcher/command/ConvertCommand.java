package dev.precast.launcher.command;

import dev.precast.converter.Conversion;
import dev.precast.converter.ImageConverter;
import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.ManifestSigner;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.KeyException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The pure conversion, on files. */
@Command(
        name = "convert",
        description =
                "Build an older format of an image, as the converter does, from files; the result goes to standard output.",
        footer = {
            "",
            "For example, of an image for one platform (of an index, give its manifest with --child too):",
            "  skopeo inspect --raw docker://registry.example.com/team/app:1.0 > manifest.json",
            "  skopeo inspect --raw --config docker://registry.example.com/team/app:1.0 |",
            "    precast convert --manifest manifest.json --config - --repository team/app --tag 1.0 | precast verify -",
            "",
            "An OCI manifest in its schema 2 form, and its digest:",
            "  precast convert --manifest manifest.json --to schema2 | sha256sum"
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class ConvertCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--manifest",
            required = true,
            paramLabel = "FILE",
            description = "Manifest, list or index; - is standard input.")
    private String manifest;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A config blob that it, or a child, names; - is standard input. Schema 1 needs it.")
    private List<String> configs = new ArrayList<>();

    @Option(
            names = "--child",
            paramLabel = "FILE",
            description = "A manifest that the list or index names; - is standard input.")
    private List<String> children = new ArrayList<>();

    @Option(
            names = "--to",
            paramLabel = "FORMAT",
            defaultValue = "schema1",
            description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} without it.")
    private Format to;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH[/VARIANT]",
            description = "Which image of a list or index, most wanted first; linux/amd64 without it.")
    private List<String> platforms = new ArrayList<>();

    @Option(
            names = "--repository",
            paramLabel = "NAME",
            description = "Without host. Schema 1 holds it; the other formats do not.")
    private String repository = "";

    @Option(names = "--tag", paramLabel = "TAG", description = "As --repository.")
    private String tag = "";

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "Private key that signs, PEM or JWK. Without it, a key for this run only.")
    private List<Path> keys = new ArrayList<>();

    @Option(names = "--unsigned", description = "Print the payload that would be signed.")
    private boolean unsigned;

    /** What can be built. */
    enum Format {
        schema1(MediaTypes.SCHEMA1_SIGNED),
        schema2(MediaTypes.SCHEMA2),
        list(MediaTypes.MANIFEST_LIST);

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }
    }

    @Override
    public Integer call() throws IOException, KeyException, CommandException {
        long fromStandardInput = Stream.of(List.of(manifest), configs, children)
                .flatMap(List::stream)
                .filter("-"::equals)
                .count();
        if (fromStandardInput > 1) {
            throw new CommandException(
                    "Cannot read two files from standard input: found - more than once, expected it for one of them.");
        }
        ImageRecord image = ImageFiles.read(reference(), manifest, children, configs);
        Conversion conversion = ImageConverter.convert(image, new RepositorySettings(true, platforms));
        write(to == Format.schema1 ? schema1(conversion.schema1()) : offered(conversion, image));
        return 0;
    }

    private Reference reference() throws CommandException {
        boolean named = !repository.isEmpty() && !tag.isEmpty();
        if (to == Format.schema1 && !named) {
            throw new CommandException(
                    "Cannot build schema 1: it holds the image's name. Give it with --repository and --tag.");
        }
        return named ? new Reference(repository, tag) : new Reference("unnamed", "unnamed");
    }

    private byte[] schema1(Conversion.Schema1 schema1) throws KeyException, CommandException {
        if (schema1 instanceof Conversion.Schema1.Payload payload) {
            return unsigned
                    ? payload.payload()
                    : ManifestSigner.signChecked(
                            payload.payload(), keys(), Clock.systemUTC().instant());
        }
        if (schema1 instanceof Conversion.Schema1.Stored stored) {
            return stored.manifest().bytes();
        }
        throw refused(((Conversion.Schema1.Refused) schema1).refusal());
    }

    private byte[] offered(Conversion conversion, ImageRecord image) throws CommandException {
        TagOffers.Offer offer = conversion.offers().get(to.mediaType);
        if (offer == null) {
            throw new CommandException("Cannot build " + to + ": found " + conversion.rootMediaType()
                    + ", expected something newer that has this form. "
                    + (image.root() != null && to.mediaType.equals(image.root().mediaType())
                            ? "It is what was asked for already."
                            : "`precast convert --help` lists the formats."));
        }
        if (offer.refusal() != null) {
            throw refused(offer.refusal());
        }
        return conversion.manifests().stream()
                .filter(built -> built.digest().equals(offer.digest()))
                .findFirst()
                .orElseThrow()
                .bytes();
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
