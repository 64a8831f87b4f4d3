package dev.precast.serving.negotiation;

import static dev.precast.schemas.image.MediaTypes.MANIFEST_LIST;
import static dev.precast.schemas.image.MediaTypes.OCI_INDEX;
import static dev.precast.schemas.image.MediaTypes.OCI_MANIFEST;
import static dev.precast.schemas.image.MediaTypes.SCHEMA1;
import static dev.precast.schemas.image.MediaTypes.SCHEMA1_SIGNED;
import static dev.precast.schemas.image.MediaTypes.SCHEMA2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.TagOffers.Offer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One test per row of the table of differences; the clients' own Accept headers as they send them. */
class NegotiationTest {
    private static final String NO_OCI_MANIFEST =
            "OCI manifest found, but accept header does not support OCI manifests";
    private static final String NO_OCI_INDEX = "OCI index found, but accept header does not support OCI indexes";

    private static final Decision NATIVE = new Decision.PassThrough(false);
    private static final Decision BY_WILDCARD = new Decision.PassThrough(true);
    private static final Map<String, Offer> OF_SCHEMA2 = offers(SCHEMA1_SIGNED);
    private static final Map<String, Offer> OF_LIST = offers(SCHEMA1_SIGNED, SCHEMA2);
    private static final Map<String, Offer> OF_OCI = offers(SCHEMA1_SIGNED, SCHEMA2);
    private static final Map<String, Offer> OF_INDEX = offers(SCHEMA1_SIGNED, SCHEMA2, MANIFEST_LIST);

    @Test
    void accept_overSeveralLines() {
        assertThat(decide(SCHEMA2, OF_SCHEMA2, "text/plain", SCHEMA2)).isEqualTo(NATIVE);
        assertThat(decide(OCI_INDEX, OF_INDEX, "text/plain, " + SCHEMA1, MANIFEST_LIST + ";a=b ,"))
                .isEqualTo(serve(MANIFEST_LIST));
    }

    @Test
    void accept_inAnyCaseWithParameters() {
        assertThat(decide(SCHEMA2, OF_SCHEMA2, "Application/VND.docker.distribution.manifest.V2+json ; q=0.1"))
                .isEqualTo(NATIVE);
    }

    @ParameterizedTest
    @ValueSource(strings = {";q=0", "; q=0.0", ";x=y;Q=0.000", " ;q=0. "})
    void accept_qualityZeroIsNotAccepted(String parameter) {
        assertThat(decide(SCHEMA2, OF_SCHEMA2, SCHEMA2 + parameter + ", text/plain"))
                .isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @Test
    void accept_qualityOrderMeansNothing() {
        assertThat(decide(SCHEMA2, OF_SCHEMA2, SCHEMA1_SIGNED + ";q=1", SCHEMA2 + ";q=0.001"))
                .isEqualTo(NATIVE);
    }

    @Test
    void accept_wildcardDoesNotBringBackWhatIsExcluded() {
        assertThat(decide(OCI_INDEX, OF_INDEX, "text/plain, */*, " + OCI_INDEX + ";q=0"))
                .isEqualTo(refuse(NO_OCI_INDEX));
    }

    @Test
    void noAccept_isAnOldClient() {
        assertThat(decide(SCHEMA2, OF_SCHEMA2)).isEqualTo(serve(SCHEMA1_SIGNED));
        assertThat(decide(MANIFEST_LIST, OF_LIST, "")).isEqualTo(serve(SCHEMA1_SIGNED));
        assertThat(decide(OCI_MANIFEST, OF_OCI)).isEqualTo(serve(SCHEMA1_SIGNED));
        assertThat(decide(OCI_INDEX, OF_INDEX, " , ")).isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "*/*;q=0.8", "application/*", "application/json, */*"})
    void onlyWildcard_isAnOldClient(String accept) {
        assertThat(decide(OCI_INDEX, OF_INDEX, accept)).isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @Test
    void onlyWildcard_nativeBySetting() {
        NegotiationRules rules = new NegotiationRules(true, false);
        assertThat(Negotiation.decide(OCI_INDEX, OF_INDEX, List.of("*/*"), rules))
                .isEqualTo(BY_WILDCARD);
        assertThat(Negotiation.decide(OCI_INDEX, OF_INDEX, List.of(), rules)).isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @Test
    void wildcardBesideTypes_typesFirst() {
        assertThat(decide(OCI_INDEX, OF_INDEX, "*/*", SCHEMA2)).isEqualTo(serve(SCHEMA2));
        assertThat(decide(OCI_INDEX, OF_INDEX, "*/*", OCI_MANIFEST)).isEqualTo(BY_WILDCARD);
        assertThat(decide(SCHEMA2, OF_SCHEMA2, "*/*", MANIFEST_LIST)).isEqualTo(BY_WILDCARD);
    }

    @Test
    void onlyJson_isAnOldClient() {
        assertThat(decide(OCI_MANIFEST, OF_OCI, "application/json")).isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @ParameterizedTest
    @ValueSource(strings = {SCHEMA1, SCHEMA1_SIGNED})
    void schema1Named(String accept) {
        assertThat(decide(SCHEMA2, OF_SCHEMA2, accept)).isEqualTo(serve(SCHEMA1_SIGNED));
        assertThat(decide(OCI_INDEX, OF_INDEX, accept)).isEqualTo(serve(SCHEMA1_SIGNED));
        assertThat(decide(SCHEMA2, OF_SCHEMA2, accept, OCI_MANIFEST)).isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @Test
    void noneFits_dockerSource() {
        assertThat(decide(SCHEMA2, OF_SCHEMA2, MANIFEST_LIST)).isEqualTo(serve(SCHEMA1_SIGNED));
        assertThat(decide(MANIFEST_LIST, OF_LIST, "text/html")).isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @Test
    void noneFits_dockerSourceStrict() {
        NegotiationRules strict = new NegotiationRules(false, true);
        Decision decision = Negotiation.decide(SCHEMA2, OF_SCHEMA2, List.of(MANIFEST_LIST), strict);
        assertThat(decision).isEqualTo(refuse("manifest unknown"));
        assertThat(Negotiation.decide(SCHEMA2, OF_SCHEMA2, List.of(), strict)).isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @Test
    void noneFits_dockerSourceAndAClientThatKnowsOci() {
        assertThat(decide(SCHEMA2, OF_SCHEMA2, OCI_MANIFEST)).isEqualTo(NATIVE);
        assertThat(decide(MANIFEST_LIST, OF_LIST, OCI_INDEX, OCI_MANIFEST)).isEqualTo(NATIVE);
    }

    @Test
    void noneFits_ociSource() {
        assertThat(decide(OCI_MANIFEST, OF_OCI, "text/html")).isEqualTo(refuse(NO_OCI_MANIFEST));
        assertThat(decide(OCI_MANIFEST, OF_OCI, OCI_INDEX)).isEqualTo(refuse(NO_OCI_MANIFEST));
        assertThat(decide(OCI_INDEX, OF_INDEX, OCI_MANIFEST)).isEqualTo(refuse(NO_OCI_INDEX));
    }

    @Test
    void refusalTexts_areThoseOfDistribution() {
        Decision decision = decide(OCI_INDEX, OF_INDEX, "text/html");
        assertThat(decision).isInstanceOfSatisfying(Decision.Refuse.class, refuse -> {
            assertThat(refuse.error().status()).isEqualTo(404);
            assertThat(new String(refuse.error().body(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"" + NO_OCI_INDEX + "\"}]}\n");
        });
    }

    @Test
    void ociSource_everyClientThatReadsSchema1() {
        assertThat(decide(OCI_MANIFEST, OF_OCI)).isEqualTo(serve(SCHEMA1_SIGNED));
        assertThat(decide(OCI_MANIFEST, OF_OCI, "*/*")).isEqualTo(serve(SCHEMA1_SIGNED));
        assertThat(decide(OCI_MANIFEST, OF_OCI, SCHEMA1, "text/html")).isEqualTo(serve(SCHEMA1_SIGNED));
    }

    @Test
    void ociManifest_schema2Accepted() {
        assertThat(decide(OCI_MANIFEST, OF_OCI, SCHEMA2)).isEqualTo(serve(SCHEMA2));
        assertThat(decide(OCI_MANIFEST, OF_OCI, SCHEMA1_SIGNED, SCHEMA2)).isEqualTo(serve(SCHEMA2));
    }

    @Test
    void ociIndex_listAccepted() {
        assertThat(decide(OCI_INDEX, OF_INDEX, SCHEMA2, MANIFEST_LIST)).isEqualTo(serve(MANIFEST_LIST));
    }

    @Test
    void ociIndex_schema2ButNoListAccepted() {
        assertThat(decide(OCI_INDEX, OF_INDEX, SCHEMA2)).isEqualTo(serve(SCHEMA2));
        assertThat(decide(OCI_INDEX, OF_INDEX, OCI_MANIFEST, SCHEMA2)).isEqualTo(serve(SCHEMA2));
    }

    @Test
    void list_schema2Accepted() {
        assertThat(decide(MANIFEST_LIST, OF_LIST, SCHEMA2)).isEqualTo(serve(SCHEMA2));
        assertThat(decide(MANIFEST_LIST, OF_LIST, SCHEMA2, MANIFEST_LIST)).isEqualTo(NATIVE);
    }

    @Test
    void noneSuitable() {
        Refusal refusal = new Refusal(RefusalReason.NO_SUITABLE_PLATFORM, "found linux/arm64");
        Map<String, Offer> refused = Map.of(SCHEMA1_SIGNED, Offer.refused(refusal), SCHEMA2, Offer.refused(refusal));
        Decision expected = new Decision.Refuse(RegistryError.refused(refusal));
        assertThat(decide(MANIFEST_LIST, refused)).isEqualTo(expected);
        assertThat(decide(MANIFEST_LIST, refused, "*/*")).isEqualTo(expected);
        assertThat(decide(MANIFEST_LIST, refused, SCHEMA2)).isEqualTo(expected);
        assertThat(decide(OCI_INDEX, refused, SCHEMA2, SCHEMA1)).isEqualTo(expected);
        assertThat(decide(MANIFEST_LIST, refused, MANIFEST_LIST)).isEqualTo(NATIVE);
        assertThat(decide(MANIFEST_LIST, refused, SCHEMA2, "*/*")).isEqualTo(BY_WILDCARD);
    }

    @Test
    void refusedForm_isNotReplacedByALesserOne() {
        Refusal refusal = new Refusal(RefusalReason.ZSTD_LAYER, "layer 2");
        Map<String, Offer> offers = new java.util.HashMap<>(OF_INDEX);
        offers.put(MANIFEST_LIST, Offer.refused(refusal));
        assertThat(decide(OCI_INDEX, offers, MANIFEST_LIST, SCHEMA2, SCHEMA1))
                .isEqualTo(new Decision.Refuse(RegistryError.refused(refusal)));
    }

    @Test
    void storedSchema1_asItIs() {
        for (String root : List.of(SCHEMA1, SCHEMA1_SIGNED)) {
            assertThat(decide(root, OF_SCHEMA2)).isEqualTo(serve(SCHEMA1_SIGNED));
            assertThat(decide(root, OF_SCHEMA2, SCHEMA2)).isEqualTo(serve(SCHEMA1_SIGNED));
            assertThat(decide(root, OF_SCHEMA2, SCHEMA1, SCHEMA2, OCI_INDEX)).isEqualTo(serve(SCHEMA1_SIGNED));
            assertThat(decide(root, OF_SCHEMA2, OCI_INDEX)).isEqualTo(NATIVE);
            assertThat(decide(root, Map.of())).isEqualTo(NATIVE);
        }
    }

    @Test
    void schema1Excluded() {
        assertThat(decide(SCHEMA2, OF_SCHEMA2, SCHEMA1_SIGNED + ";q=0")).isEqualTo(NATIVE);
        assertThat(decide(OCI_MANIFEST, OF_OCI, "*/*", SCHEMA1_SIGNED + ";q=0")).isEqualTo(BY_WILDCARD);
        assertThat(decide(SCHEMA1_SIGNED, OF_SCHEMA2, SCHEMA1_SIGNED + ";q=0")).isEqualTo(NATIVE);
    }

    @Test
    void nothingOfferedNorRefused() {
        assertThat(decide(OCI_MANIFEST, Map.of())).isEqualTo(refuse(NO_OCI_MANIFEST));
        assertThat(decide(OCI_INDEX, Map.of(), SCHEMA2)).isEqualTo(refuse(NO_OCI_INDEX));
        assertThat(decide(SCHEMA2, Map.of())).isEqualTo(NATIVE);
        assertThat(decide("application/x", Map.of(), SCHEMA2)).isEqualTo(NATIVE);
    }

    @Test
    void rootThatCouldNotBeRead() {
        Refusal refusal = new Refusal(RefusalReason.NOT_UTF8, "byte 3");
        Map<String, Offer> offers = Map.of(SCHEMA1_SIGNED, Offer.refused(refusal));
        assertThat(Negotiation.decide(null, offers, List.of(), NegotiationRules.DEFAULT))
                .isEqualTo(new Decision.Refuse(RegistryError.refused(refusal)));
        assertThat(Negotiation.decide(null, offers, List.of(OCI_INDEX), NegotiationRules.DEFAULT))
                .isEqualTo(NATIVE);
    }

    @Test
    void realClients() {
        String[] docker117 = {SCHEMA2, MANIFEST_LIST, SCHEMA1_SIGNED, "application/json"};
        assertThat(decide(OCI_INDEX, OF_INDEX, docker117)).isEqualTo(serve(MANIFEST_LIST));
        assertThat(decide(OCI_MANIFEST, OF_OCI, docker117)).isEqualTo(serve(SCHEMA2));
        assertThat(decide(SCHEMA2, OF_SCHEMA2, docker117)).isEqualTo(NATIVE);
        String[] containerd = {String.join(", ", SCHEMA2, MANIFEST_LIST, OCI_MANIFEST, OCI_INDEX, "*/*")};
        assertThat(decide(OCI_INDEX, OF_INDEX, containerd)).isEqualTo(NATIVE);
        String[] skopeo = {OCI_MANIFEST, SCHEMA2, SCHEMA1_SIGNED, SCHEMA1, MANIFEST_LIST, OCI_INDEX};
        assertThat(decide(OCI_INDEX, OF_INDEX, skopeo)).isEqualTo(NATIVE);
        String browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assertThat(decide(SCHEMA2, OF_SCHEMA2, browser)).isEqualTo(BY_WILDCARD);
    }

    private static Decision decide(String root, Map<String, Offer> offers, String... accept) {
        return Negotiation.decide(root, offers, Arrays.asList(accept), NegotiationRules.DEFAULT);
    }

    private static Map<String, Offer> offers(String... types) {
        Map<String, Offer> offers = new java.util.HashMap<>();
        Arrays.stream(types).forEach(type -> offers.put(type, Offer.of(digest(type))));
        return offers;
    }

    private static Decision serve(String type) {
        return new Decision.Serve(type, digest(type));
    }

    private static Decision refuse(String message) {
        return new Decision.Refuse(RegistryError.of(404, "MANIFEST_UNKNOWN", message));
    }

    private static Digest digest(String of) {
        return Digest.sha256(of.getBytes(StandardCharsets.UTF_8));
    }
}
