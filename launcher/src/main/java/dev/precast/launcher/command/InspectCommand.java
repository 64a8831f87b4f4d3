package dev.precast.launcher.command;

import dev.precast.launcher.cluster.Cluster;
import dev.precast.launcher.cluster.SettingsTopic;
import dev.precast.launcher.cluster.TagRecords;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Platform;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.schema1.PrettyJws;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Everything known of one tag. */
@Command(
        name = "inspect",
        description = {
            "Print everything that the topics hold of one tag: settings, newest event, image, what it offers or why not.",
            "Exit code 1 when nothing is known of it."
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class InspectCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "REPOSITORY:TAG")
    private String subject;

    @Override
    public Integer call() throws IOException {
        Reference reference = Reference.parse(subject);
        KafkaConfig kafka = Cluster.find(options.values());
        PrintWriter out = spec.commandLine().getOut();
        settings(out, new SettingsTopic(kafka).read(), reference.repository());
        TagRecords records = TagRecords.read(kafka, reference);
        records.hint()
                .ifPresent(hint -> row(
                        out,
                        "event",
                        hint.action() + " by " + hint.source() + " at " + hint.receivedAt()
                                + (hint.digest() == null ? "" : ", " + hint.digest())));
        image(out, records.image());
        offers(out, records);
        out.flush();
        if (!records.image().seen() && !records.offers().seen()) {
            spec.commandLine()
                    .getErr()
                    .println("Nothing is known of " + reference
                            + ". Push it again, or check that the registry's notifications arrive.");
            return 1;
        }
        return 0;
    }

    private static void settings(PrintWriter out, Map<String, RepositorySettings> settings, String repository) {
        row(
                out,
                "settings",
                RepositoryPattern.mostSpecific(settings, repository)
                        .map(e -> "conversion " + (e.getValue().schemaConversion() ? "on" : "off") + ", platforms "
                                + e.getValue().platformOrder().stream()
                                        .map(Platform::toString)
                                        .collect(Collectors.joining(" "))
                                + ", by the pattern " + e.getKey())
                        .orElse("conversion off: no pattern matches"));
    }

    private static void image(PrintWriter out, TagRecords.Newest<ImageRecord> image) {
        if (image.value().isEmpty()) {
            row(out, "image", image.isTombstone() ? "gone from the registry" : "never seen");
            return;
        }
        ImageRecord found = image.value().get();
        row(
                out,
                "image",
                found.rootDigest()
                        + (found.root() == null ? "" : ", " + found.root().mediaType()));
        row(out, "", "seen " + found.observedAt() + ", version " + found.version());
        row(out, "", found.children().size() + " children, " + found.configs().size() + " configs kept");
        if (found.refusal() != null) {
            row(
                    out,
                    "",
                    "refused: " + found.refusal().reason() + ": "
                            + found.refusal().message());
        }
    }

    private static void offers(PrintWriter out, TagRecords records) {
        if (records.offers().value().isEmpty()) {
            row(out, "offers", records.offers().isTombstone() ? "withdrawn" : "none");
            return;
        }
        TagOffers offers = records.offers().value().get();
        row(out, "offers", "made from " + offers.root() + ", version " + offers.version());
        row(out, "", "built with " + offers.builtWith());
        for (Map.Entry<String, TagOffers.Offer> offer : offers.offers().entrySet()) {
            row(out, "", offer.getKey());
            row(out, "", "  " + describe(offer.getValue(), records));
        }
    }

    private static String describe(TagOffers.Offer offer, TagRecords records) {
        if (offer.refusal() != null) {
            return "refused: " + offer.refusal().reason() + ": "
                    + offer.refusal().message();
        }
        VariantManifest manifest =
                offer.digest() == null ? null : records.manifests().get(offer.digest());
        if (manifest == null) {
            return offer.digest() + ", bytes missing";
        }
        return offer.digest() + ", " + manifest.bytes().length + " bytes, "
                + (manifest.from() == null ? "as stored" : "from " + manifest.from() + signers(manifest));
    }

    /** The ids that its signatures name; {@code verify} says whether they hold. */
    private static String signers(VariantManifest manifest) {
        if (!manifest.mediaType().equals(MediaTypes.SCHEMA1_SIGNED)) {
            return "";
        }
        try {
            return PrettyJws.read(manifest.bytes())
                    .map(jws -> jws.entries().stream()
                            .map(entry -> entry.header().path("jwk").path("kid").asText())
                            .collect(Collectors.joining(" and ", ", signed by ", "")))
                    .orElse(", not signed");
        } catch (RefusedException e) {
            return ", not readable: " + e.refusal().reason();
        }
    }

    private static void row(PrintWriter out, String name, String text) {
        out.printf("%-9s %s%n", name, text);
    }
}
