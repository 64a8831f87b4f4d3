package dev.precast.launcher.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.jwk.JWK;
import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.ManifestVerifier;
import dev.precast.converter.jws.SignatureCheck;
import dev.precast.converter.jws.Verdict;
import dev.precast.converter.jws.Verification;
import dev.precast.launcher.cluster.RunningFile;
import dev.precast.launcher.config.LauncherConfig;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.StrictJson;
import dev.precast.schemas.schema1.PrettyJws;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Signatures and digest of a schema 1 manifest. */
@Command(
        name = "verify",
        description = {
            "Check every signature and the digest of a schema 1 manifest.",
            "Exit code 0 when all signatures hold; with --trust only when one of them is by a trusted key, and what was pulled is"
                    + " signed as what was asked for."
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class VerifyCommand implements Callable<Integer> {
    private static final String USER = "PRECAST_USER";
    private static final String DEFAULT_URL = "http://127.0.0.1:5080";

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE|REPOSITORY:TAG", description = "A file, - for standard input, or what to pull.")
    private String subject;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where to pull from. Default: the local `up`, else " + DEFAULT_URL + ".")
    private @Nullable String url;

    @Option(
            names = "--user",
            paramLabel = "NAME:PASSWORD",
            description =
                    "The account to pull as, by basic authentication; token servers are not asked. Default: the environment's "
                            + USER + ", which other users of the machine do not see.")
    private @Nullable String user;

    @Option(names = "--trust", paramLabel = "KEYFILE", description = "A key to trust: public or private, PEM or JWK.")
    private List<Path> trust = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException, KeyException, CommandException {
        Optional<Digest> claimed = Optional.empty();
        Optional<Reference> asked = Optional.empty();
        byte[] manifest;
        if (subject.equals("-") || Files.exists(Path.of(subject))) {
            manifest = ImageFiles.bytes(subject);
        } else {
            Reference reference = Reference.tryParse(subject)
                    .orElseThrow(() -> new CommandException("Cannot verify " + subject
                            + ": found no such file, and it is not of the form REPOSITORY:TAG."));
            asked = Optional.of(reference);
            OldClient.Pulled pulled = OldClient.pull(url(), reference, user());
            manifest = pulled.content();
            claimed = pulled.digest();
        }
        Verification verification = ManifestVerifier.verify(manifest, trusted());
        print(verification);
        boolean named = asked.isEmpty() || isOf(asked.get(), manifest);
        return good(verification, claimed) && named ? 0 : 1;
    }

    /**
     * Whether what was signed is what was asked for: else a manifest of an older or weaker image could stand in for it. Without
     * {@code --trust} another name is only warned of. Nobody is trusted to have meant it then, and a registry takes schema 1
     * manifests under any name and tag: {@code registry/storage/signedmanifesthandler.go} at v2.8.3 looks at the form of the name
     * only.
     */
    private boolean isOf(Reference asked, byte[] manifest) {
        String signed;
        try {
            Optional<PrettyJws> jws = PrettyJws.read(manifest);
            if (jws.isEmpty()) {
                return true; // Nothing is signed: the verdict says so.
            }
            JsonNode payload = StrictJson.read(jws.get().payload(), "payload", RefusalReason.MALFORMED_MANIFEST);
            String repository = payload.path("name").asText("");
            String tag = payload.path("tag").asText("");
            signed = Reference.isRepository(repository) && Reference.isTag(tag)
                    ? repository + ":" + tag
                    : "no valid name and tag";
        } catch (RefusedException e) {
            return true; // It is invalid: the verdict says so.
        }
        if (signed.equals(asked.toString())) {
            return true;
        }
        spec.commandLine()
                .getErr()
                .println((trust.isEmpty() ? "WARNING: " : "") + "The signed manifest is of " + signed + ", expected "
                        + asked + ". Find out who put it there.");
        return trust.isEmpty();
    }

    private boolean good(Verification verification, Optional<Digest> claimed) {
        if (claimed.isPresent() && !claimed.get().equals(verification.payloadDigest())) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "The registry says the digest is " + claimed.get() + ", which is not that of the payload.");
            return false;
        }
        return verification.verdict() == Verdict.VALID_TRUSTED
                || (trust.isEmpty() && verification.verdict() == Verdict.VALID_UNKNOWN_KEY);
    }

    private void print(Verification verification) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("verdict    " + sentence(verification.verdict()));
        if (!verification.problem().isEmpty()) {
            out.println("problem    " + verification.problem());
        }
        if (verification.payloadDigest() != null) {
            out.println("digest     " + verification.payloadDigest());
        }
        for (SignatureCheck check : verification.signatures()) {
            out.println(
                    "signature  " + (check.valid() ? "valid" : "INVALID: " + check.problem()) + ", " + check.algorithm()
                            + ", key " + (check.keyId() == null ? "unknown" : check.keyId())
                            + (check.valid() && check.trusted() ? " (trusted)" : "")
                            + (check.time() == null ? "" : ", " + check.time()));
        }
        out.flush();
    }

    private static String sentence(Verdict verdict) {
        return switch (verdict) {
            case VALID_TRUSTED -> "valid, signed by a trusted key";
            case VALID_UNKNOWN_KEY -> "valid, signed by a key that is not among the trusted ones";
            case INVALID -> "INVALID";
            case UNSIGNED -> "UNSIGNED";
            case EXTRA_MEMBERS -> "INVALID: members outside the signed payload";
        };
    }

    private Set<String> trusted() throws KeyException {
        Set<String> ids = new HashSet<>();
        for (Path file : trust) {
            for (JWK key : KeyFiles.readPublic(file)) {
                ids.add(key.getKeyID());
            }
        }
        return ids;
    }

    private @Nullable String user() throws CommandException {
        String given = user != null ? user : System.getenv(USER);
        if (given == null || given.isEmpty()) {
            return null;
        }
        if (given.indexOf(':') < 1) {
            throw new CommandException(
                    "Cannot log in: found no colon in what --user or " + USER + " says, expected NAME:PASSWORD.");
        }
        return given;
    }

    private String url() throws IOException {
        if (url != null) {
            return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        }
        return RunningFile.read(LauncherConfig.from(options.values()).data())
                .map(RunningFile.Addresses::serving)
                .orElse(DEFAULT_URL);
    }
}
