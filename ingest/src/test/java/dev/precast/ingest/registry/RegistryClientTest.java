package dev.precast.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.Images;
import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.registry.Answer.Cause;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Blob;
import dev.precast.testkit.Canary;
import dev.precast.testkit.Fault;
import dev.precast.testkit.ScriptedRegistry;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RegistryClientTest {
    private static final Reference TAG = new Reference("library/hello", "v1");
    private static final byte[] CONFIG = Images.config("one");
    private static final byte[] MANIFEST = Images.schema2(CONFIG);
    private static final Digest DIGEST = Digest.sha256(MANIFEST);

    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private final ScriptedRegistry canary = ScriptedRegistry.start();
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @BeforeEach
    void fill() {
        registry.manifest("library/hello", "v1", MediaTypes.SCHEMA2, MANIFEST);
        registry.blob("library/hello", CONFIG);
    }

    @AfterEach
    void close() {
        registry.close();
        canary.close();
        executor.shutdownNow();
    }

    @Test
    void manifest_byTag_isFoundWithItsDigest() {
        assertThat(client().manifest(TAG)).isEqualTo(found(MANIFEST, MediaTypes.SCHEMA2));
    }

    @Test
    void manifest_isAskedForWithOneAcceptLinePerType() {
        client().manifest(TAG);

        assertThat(registry.requests()).singleElement().satisfies(request -> {
            assertThat(request.path()).isEqualTo("/v2/library/hello/manifests/v1");
            assertThat(request.accept())
                    .containsExactlyInAnyOrder(
                            MediaTypes.OCI_INDEX,
                            MediaTypes.OCI_MANIFEST,
                            MediaTypes.MANIFEST_LIST,
                            MediaTypes.SCHEMA2,
                            MediaTypes.SCHEMA1_SIGNED,
                            MediaTypes.SCHEMA1);
        });
    }

    @Test
    void manifest_thatIsNotThere_isAbsent() {
        assertThat(client().manifest(new Reference("library/hello", "v2")))
                .isEqualTo(new Answer.Absent<Blob>("MANIFEST_UNKNOWN"));
    }

    @Test
    void manifest_ofNobodyListening_isUnreachable() {
        registry.close();

        assertThat(cause(client().manifest(TAG))).isEqualTo(Cause.UNREACHABLE);
    }

    static Stream<Arguments> transientFaults() {
        return Stream.of(
                Arguments.of(Fault.status(500), Cause.SERVER_ERROR),
                Arguments.of(Fault.status(503), Cause.SERVER_ERROR),
                Arguments.of(Fault.status(429), Cause.RATE_LIMITED),
                Arguments.of(Fault.status(403), Cause.UNAUTHORIZED),
                Arguments.of(Fault.status(401), Cause.UNAUTHORIZED),
                Arguments.of(Fault.status(418), Cause.UNEXPECTED_ANSWER),
                Arguments.of(Fault.html(404), Cause.UNEXPECTED_ANSWER),
                Arguments.of(Fault.html(200), Cause.UNEXPECTED_ANSWER),
                Arguments.of(Fault.gzip(), Cause.CONTENT_ENCODING),
                Arguments.of(Fault.cut(), Cause.UNREACHABLE),
                Arguments.of(Fault.trickle(), Cause.TIMEOUT));
    }

    @ParameterizedTest
    @MethodSource("transientFaults")
    void fault_thatMayPass_isTransient(Fault fault, Cause cause) {
        registry.fail("/manifests/v1", fault);

        assertThat(cause(client().manifest(TAG))).isEqualTo(cause);
        assertThat(client().manifest(TAG)).isInstanceOf(Answer.Found.class);
    }

    @Test
    void retryAfter_isPassedOn() {
        registry.fail("/manifests/v1", Fault.status(429, "Retry-After", "7"));

        Answer<Blob> answer = client().manifest(TAG);
        assertThat(answer).isInstanceOf(Answer.Transient.class);
        assertThat(((Answer.Transient<Blob>) answer).retryAfter()).contains(Duration.ofSeconds(7));
    }

    static Stream<Arguments> garbled() {
        return Stream.of(
                Arguments.of(Fault.byteLess(), RefusalReason.DIGEST_MISMATCH),
                Arguments.of(Fault.byteMore(), RefusalReason.DIGEST_MISMATCH),
                Arguments.of(Fault.digestHeader("sha256:" + "0".repeat(64)), RefusalReason.DIGEST_MISMATCH),
                Arguments.of(Fault.endless(), RefusalReason.TOO_LARGE));
    }

    @ParameterizedTest
    @MethodSource("garbled")
    void body_thatIsNotWhatItsDigestSays_isUnusable(Fault fault, RefusalReason reason) {
        registry.fail("/manifests/v1", fault);

        assertThat(reason(client().manifest(TAG))).isEqualTo(reason);
    }

    @Test
    void manifest_byDigest_isVerifiedWhateverTheHeaderSays() {
        registry.fail("/manifests/" + DIGEST, Fault.digestHeader("sha256:" + "0".repeat(64)), Fault.byteLess());

        assertThat(client().manifest("library/hello", DIGEST)).isEqualTo(found(MANIFEST, MediaTypes.SCHEMA2));
        assertThat(reason(client().manifest("library/hello", DIGEST))).isEqualTo(RefusalReason.DIGEST_MISMATCH);
    }

    @Test
    void manifest_withoutDigestHeader_isNamedByItsBytes() {
        registry.fail("/manifests/v1", Fault.digestHeader("nonsense"));

        assertThat(client().manifest(TAG)).isEqualTo(found(MANIFEST, MediaTypes.SCHEMA2));
    }

    @Test
    void manifest_thatIsNotUtf8_isUnusable() {
        registry.manifest("library/hello", "raw", MediaTypes.SCHEMA2, new byte[] {'{', (byte) 0xFF, '}'});

        assertThat(reason(client().manifest(new Reference("library/hello", "raw"))))
                .isEqualTo(RefusalReason.NOT_UTF8);
    }

    @Test
    void manifest_ofMaximalSize_isRead_andOneByteMoreIsNot() {
        byte[] most = new byte[Limits.MAX_MANIFEST_BYTES];
        registry.manifest("library/hello", "most", MediaTypes.SCHEMA2, most);
        registry.manifest("library/hello", "more", MediaTypes.SCHEMA2, new byte[Limits.MAX_MANIFEST_BYTES + 1]);

        assertThat(client().manifest(new Reference("library/hello", "most")))
                .isEqualTo(found(most, MediaTypes.SCHEMA2));
        assertThat(reason(client().manifest(new Reference("library/hello", "more"))))
                .isEqualTo(RefusalReason.TOO_LARGE);
    }

    @Test
    void manifest_thatIsRedirected_isNotFollowed() {
        registry.fail("/manifests/v1", Fault.redirect(canary.url() + "/v2/library/hello/manifests/v1"));

        assertThat(cause(client().manifest(TAG))).isEqualTo(Cause.REDIRECTED);
        assertThat(canary.requests()).isEmpty();
    }

    @Test
    void config_isFoundUnderTheDescriptorsMediaType() {
        assertThat(client().config("library/hello", descriptor(CONFIG)))
                .isEqualTo(found(CONFIG, MediaTypes.SCHEMA2_CONFIG));
    }

    @Test
    void config_redirectedWithinTheRegistry_isFollowed() {
        Digest digest = registry.blob("other/place", CONFIG);
        registry.fail("library/hello/blobs/" + digest, Fault.redirect("/v2/other/place/blobs/" + digest));

        assertThat(client().config("library/hello", descriptor(CONFIG)))
                .isEqualTo(found(CONFIG, MediaTypes.SCHEMA2_CONFIG));
    }

    @Test
    void config_redirectedInACircle_isGivenUp() {
        String path = "/v2/library/hello/blobs/" + Digest.sha256(CONFIG);
        Fault circle = Fault.redirect(path);
        registry.fail(path, circle, circle, circle, circle, circle, circle);

        assertThat(cause(client().config("library/hello", descriptor(CONFIG)))).isEqualTo(Cause.REDIRECTED);
        assertThat(registry.requests()).hasSize(4);
    }

    @Test
    void config_hasOneTime_forItsRedirectsAndItself() {
        Digest digest = registry.blob("other/place", CONFIG);
        String there = "/v2/other/place/blobs/" + digest;
        registry.fail("library/hello/blobs/" + digest, Fault.after(600, Fault.redirect(there)));
        registry.fail(there, Fault.after(600, Fault.none()));

        assertThat(cause(client(Map.of("registry.timeout.ms", "1000")).config("library/hello", descriptor(CONFIG))))
                .isEqualTo(Cause.TIMEOUT);
    }

    @Test
    void config_redirectedElsewhere_reachesNobody() {
        registry.fail("/blobs/" + Digest.sha256(CONFIG), Fault.redirect(canary.url() + "/stolen"));

        assertThat(cause(client(Map.of("registry.username", "u", "registry.password", "p"))
                        .config("library/hello", descriptor(CONFIG))))
                .isEqualTo(Cause.REDIRECTED);
        assertThat(canary.requests()).isEmpty();
    }

    /** First a public address, then this machine: whoever looks a name up twice is led here. */
    @Test
    void config_redirectedToANameThatChangesItsAddress_reachesNobodyHere() throws Exception {
        Iterator<String> answers = Stream.concat(Stream.of("203.0.113.7"), Stream.generate(() -> "127.0.0.1"))
                .iterator();
        List<String> asked = new CopyOnWriteArrayList<>();
        try (Canary here = Canary.listen("127.0.0.1")) {
            registry.fail(
                    "/blobs/" + Digest.sha256(CONFIG),
                    Fault.redirect("https://rebound.example:" + here.port() + "/stolen"));
            RegistryClient client = client(
                    Map.of("registry.username", "u", "registry.password", "p", "registry.timeout.ms", "500"), host -> {
                        asked.add(host);
                        return List.of(InetAddress.getByName(answers.next()));
                    });

            assertThat(cause(client.config("library/hello", descriptor(CONFIG))))
                    .isIn(Cause.UNREACHABLE, Cause.TIMEOUT);
            assertThat(asked).containsExactly("rebound.example");
            assertThat(here.hits()).isEmpty();
        }
    }

    @Test
    void config_tooLarge_isNotAskedFor() {
        Descriptor large =
                new Descriptor(MediaTypes.OCI_CONFIG, DIGEST, Limits.MAX_CONFIG_BYTES + 1L, null, List.of(), Map.of());

        assertThat(reason(client().config("library/hello", large))).isEqualTo(RefusalReason.TOO_LARGE);
        assertThat(registry.requests()).isEmpty();
    }

    @Test
    void blob_isHeldOrNot() {
        assertThat(client().holdsBlob("library/hello", Digest.sha256(CONFIG))).isEqualTo(new Answer.Found<>(true));
        assertThat(client().holdsBlob("library/hello", DIGEST)).isEqualTo(new Answer.Found<>(false));
    }

    @Test
    void ping_saysWhetherTheRegistryWorks() {
        assertThat(client().ping()).isEqualTo(new Answer.Found<>(true));
        registry.fail("/v2/", Fault.status(500));
        assertThat(client().ping()).isInstanceOf(Answer.Transient.class);
    }

    @Test
    @Timeout(30)
    void registryThatRefusesPings_isReadAgain_onceItAnswers() throws InterruptedException {
        registry.fail("/manifests/v1", Fault.status(503));
        registry.fail("/v2/", Fault.status(503), Fault.status(401));
        RegistryClient client = client(Map.of("registry.breaker.failures", "1", "registry.breaker.pause.max.ms", "10"));
        assertThat(cause(client.manifest(TAG))).isEqualTo(Cause.SERVER_ERROR);

        client.pass();
        assertThat(client.manifest(TAG)).isInstanceOf(Answer.Found.class);
    }

    @Test
    void basicChallenge_isAnsweredWithTheCredentials() {
        String expected = "Basic " + Base64.getEncoder().encodeToString("reader:pass".getBytes(StandardCharsets.UTF_8));
        registry.lock("Basic realm=\"x\"", expected::equals);

        assertThat(client().manifest(TAG)).isInstanceOf(Answer.Transient.class);
        assertThat(client(Map.of("registry.username", "reader", "registry.password", "pass"))
                        .manifest(TAG))
                .isInstanceOf(Answer.Found.class);
    }

    @Test
    void bearerChallenge_ofAForeignRealm_getsNoCredentials() {
        registry.lock(
                "Bearer realm=\"http://localhost:" + canary.url().getPort() + "/token\",service=\"s\"", any -> false);

        assertThat(client(Map.of("registry.username", "reader", "registry.password", "pass"))
                        .manifest(TAG))
                .isInstanceOfSatisfying(Answer.Transient.class, answer -> {
                    assertThat(answer.cause()).isEqualTo(Cause.UNAUTHORIZED);
                    assertThat(answer.message()).contains("registry.realms");
                });
        assertThat(canary.requests()).isEmpty();
    }

    @Test
    void bearerChallenge_ofAnotherPortOfTheSameHost_getsNoCredentials() {
        registry.lock("Bearer realm=\"" + canary.url() + "/token\",service=\"s\"", any -> false);

        client(Map.of("registry.username", "reader", "registry.password", "pass"))
                .manifest(TAG);

        assertThat(canary.requests()).isEmpty();
    }

    @Test
    void bearerChallenge_isAnsweredWithATokenOfTheRealm() {
        registry.lock("Bearer realm=\"" + canary.url() + "/token\",service=\"s\",scope=\"evil\"", "Bearer abc"::equals);
        canary.fail("/token", (exchange, right) -> {
            assertThat(exchange.getRequestURI().getRawQuery())
                    .isEqualTo("service=s&scope=repository%3Alibrary%2Fhello%3Apull");
            byte[] body = "{\"token\":\"abc\",\"expires_in\":300}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        });
        RegistryClient client = client(Map.of("registry.realms", canary.url().getAuthority()));

        assertThat(client.manifest(TAG)).isInstanceOf(Answer.Found.class);
        assertThat(client.manifest(TAG)).as("with the remembered token").isInstanceOf(Answer.Found.class);
        assertThat(canary.requests()).hasSize(1);
    }

    @Test
    void token_withContentEncoding_isNotTaken() {
        registry.lock("Bearer realm=\"" + canary.url() + "/token\",service=\"s\"", "Bearer abc"::equals);
        canary.fail("/token", (exchange, right) -> {
            byte[] body = "{\"token\":\"abc\"}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Encoding", "br");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        });
        RegistryClient client = client(Map.of("registry.realms", canary.url().getAuthority()));

        assertThat(cause(client.manifest(TAG))).isEqualTo(Cause.CONTENT_ENCODING);
    }

    @Test
    void realmThatFails_isNoMatterOfCredentials_andSaysWhenToComeBack() {
        registry.lock("Bearer realm=\"" + registry.url() + "/token\",service=\"s\"", any -> false);
        registry.fail("/token", Fault.status(429, "Retry-After", "7"), Fault.status(503), Fault.status(403));
        RegistryClient client = client();

        Answer<Blob> limited = client.manifest(TAG);
        assertThat(cause(limited)).isEqualTo(Cause.RATE_LIMITED);
        assertThat(((Answer.Transient<Blob>) limited).retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(cause(client.manifest(TAG))).isEqualTo(Cause.SERVER_ERROR);
        assertThat(cause(client.manifest(TAG))).isEqualTo(Cause.UNAUTHORIZED);
    }

    @Test
    void realmThatOnlyFails_isLeftAlone_andTheRegistryIsNot() {
        registry.lock("Bearer realm=\"" + canary.url() + "/token\",service=\"s\"", any -> false);
        canary.fail("/token", Fault.status(503), Fault.status(503, "Retry-After", "100"));
        RegistryClient client =
                client(Map.of("registry.realms", canary.url().getAuthority(), "registry.breaker.failures", "2"));
        client.manifest(TAG);
        client.manifest(TAG);

        Answer<Blob> answer = client.manifest(TAG);

        assertThat(canary.requests()).hasSize(2);
        assertThat(cause(answer)).isEqualTo(Cause.UNREACHABLE);
        assertThat(((Answer.Transient<Blob>) answer).retryAfter().orElseThrow())
                .isBetween(Duration.ofSeconds(90), Duration.ofSeconds(101));
        assertThat(registry.requests()).hasSize(3);
    }

    private RegistryClient client() {
        return client(Map.of());
    }

    private RegistryClient client(Map<String, String> more) {
        return client(more, host -> {
            throw new java.net.UnknownHostException(host);
        });
    }

    private RegistryClient client(Map<String, String> more, Destinations.Names names) {
        Map<String, String> values = new java.util.HashMap<>(Map.of("registry.timeout.ms", "1000"));
        values.putAll(more);
        values.put("registry.url", registry.url().toString());
        IngestConfig.Registry config = IngestConfig.from(values).registry();
        return new RegistryClient(
                config,
                Clock.systemUTC(),
                executor,
                new Breaker(config.breaker(), System::nanoTime, () -> 0.5),
                RequestWatch.NOBODY,
                names);
    }

    private static Answer<Blob> found(byte[] bytes, String mediaType) {
        return new Answer.Found<>(new Blob(Digest.sha256(bytes), mediaType, new String(bytes, StandardCharsets.UTF_8)));
    }

    private static Descriptor descriptor(byte[] content) {
        return new Descriptor(
                MediaTypes.SCHEMA2_CONFIG, Digest.sha256(content), content.length, null, List.of(), Map.of());
    }

    private static Cause cause(Answer<?> answer) {
        assertThat(answer).isInstanceOf(Answer.Transient.class);
        return ((Answer.Transient<?>) answer).cause();
    }

    private static RefusalReason reason(Answer<?> answer) {
        assertThat(answer).isInstanceOf(Answer.Unusable.class);
        return ((Answer.Unusable<?>) answer).refusal().reason();
    }
}
