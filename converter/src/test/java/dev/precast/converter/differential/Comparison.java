package dev.precast.converter.differential;

import static java.util.Objects.requireNonNull;

import dev.precast.converter.Conversion;
import dev.precast.converter.Conversion.Schema1;
import dev.precast.converter.ImageConverter;
import dev.precast.converter.differential.Distribution.Answer;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers.Offer;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.TestImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One image, converted by Precast and by Distribution.
 *
 * @param what the image is, one line
 * @param reason why Precast refuses it; only with {@link Verdict#REFUSED}
 * @param distribution what Distribution answers for the image as it is stored, one line
 * @param precast what Precast answers, one line
 */
record Comparison(
        Reference image,
        String what,
        Verdict verdict,
        @Nullable RefusalReason reason,
        String distribution,
        String precast) {
    enum Verdict {
        /** The same payload and digest for the stored image. */
        IDENTICAL,
        /**
         * Distribution does not convert what is stored, or takes another entry of the list, but makes the same payload and
         * digest of the schema 2 form that Precast built or chose, once that is pushed under the same tag.
         */
        IDENTICAL_FROM_SCHEMA2,
        /** Refused with the reason that the image was made for. */
        REFUSED,
        /** Anything else. */
        DIFFERENT
    }

    /** Pushes {@code image} and compares. */
    static Comparison of(TestImage image, DockerRegistry registry) throws IOException, InterruptedException {
        Conversion conversion = ImageConverter.convert(image.record(), RepositorySettings.OFF);
        image.pushTo(registry);
        Answer answer = Distribution.ask(registry, image.repository(), image.tag());
        if (conversion.schema1() instanceof Schema1.Refused refused) {
            RefusalReason reason = refused.refusal().reason();
            Verdict verdict = reason == image.expected() ? Verdict.REFUSED : Verdict.DIFFERENT;
            return comparison(image, verdict, reason, answer.text(), "refused: " + reason);
        }
        if (!(conversion.schema1() instanceof Schema1.Payload payload) || image.expected() != null) {
            return comparison(image, Verdict.DIFFERENT, null, answer.text(), "not refused");
        }
        String precast = "schema 1, " + payload.payload().length + " bytes";
        if (same(payload.payload(), answer)) {
            return comparison(image, Verdict.IDENTICAL, null, answer.text(), precast);
        }
        boolean convertible = image.root().mediaType().equals(MediaTypes.SCHEMA2);
        boolean same = !convertible && same(payload.payload(), askForSchema2(image, conversion, registry));
        Verdict verdict = same ? Verdict.IDENTICAL_FROM_SCHEMA2 : Verdict.DIFFERENT;
        return comparison(image, verdict, null, answer.text(), precast);
    }

    /** Pushes what Precast built, lists as a whole, and asks again. */
    private static Answer askForSchema2(TestImage image, Conversion conversion, DockerRegistry registry)
            throws IOException, InterruptedException {
        for (VariantManifest manifest : conversion.manifests()) {
            registry.pushManifest(
                    image.repository(), manifest.digest().toString(), manifest.mediaType(), manifest.bytes());
        }
        Offer offer = conversion.offers().containsKey(MediaTypes.MANIFEST_LIST)
                ? conversion.offers().get(MediaTypes.MANIFEST_LIST)
                : conversion.offers().get(MediaTypes.SCHEMA2);
        Digest digest = requireNonNull(requireNonNull(offer).digest());
        List<VariantManifest> manifests = conversion.manifests();
        VariantManifest offered = manifests.stream()
                .filter(manifest -> manifest.digest().equals(digest))
                .findFirst()
                .orElseThrow();
        registry.pushManifest(image.repository(), image.tag(), offered.mediaType(), offered.bytes());
        return Distribution.ask(registry, image.repository(), image.tag());
    }

    private static Comparison comparison(
            TestImage image, Verdict verdict, @Nullable RefusalReason reason, String distribution, String precast) {
        Reference reference = new Reference(image.repository(), image.tag());
        return new Comparison(reference, image.what(), verdict, reason, distribution, precast);
    }

    private static boolean same(byte[] payload, Answer answer) {
        return answer.payload() != null
                && Arrays.equals(payload, answer.payload().bytes())
                && Digest.sha256(payload).equals(answer.digest());
    }
}
