package dev.precast.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.Images;
import dev.precast.ingest.IngestConfig;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.Fault;
import dev.precast.testkit.ScriptedRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryListsTest {
    private static final int TAGS = 2345;

    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private final ScriptedRegistry canary = ScriptedRegistry.start();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final IngestConfig.Registry config = IngestConfig.from(
                    Map.of("registry.url", registry.url().toString(), "registry.timeout.ms", "2000"))
            .registry();
    private final RegistryLists lists = new RegistryClient(
                    config,
                    Clock.systemUTC(),
                    executor,
                    new Breaker(config.breaker(), System::nanoTime, () -> 0.5),
                    RequestWatch.NOBODY)
            .lists();

    @BeforeEach
    void fill() {
        byte[] manifest = Images.schema2(Images.config("one"));
        for (int i = 0; i < TAGS; i++) {
            registry.manifest("library/hello", "t" + i, MediaTypes.SCHEMA2, manifest);
        }
        registry.manifest("library/hello/below", "v1", MediaTypes.SCHEMA2, manifest);
    }

    @AfterEach
    void close() {
        registry.close();
        canary.close();
        executor.shutdownNow();
    }

    @Test
    void tags_areReadPageByPage() throws InterruptedException {
        assertThat(tags()).isEqualTo(all());
        assertThat(registry.requests()).hasSize(3);
    }

    @Test
    void list_withContentEncoding_isNotTaken() throws InterruptedException {
        registry.fail("/tags/list", encoded());
        registry.fail("/_catalog", encoded());

        assertThat(lists.tags("library/hello", RegistryListsTest::never))
                .isInstanceOfSatisfying(
                        Answer.Transient.class,
                        failure -> assertThat(failure.cause()).isEqualTo(Answer.Cause.CONTENT_ENCODING));
        assertThat(lists.catalog(RegistryListsTest::never))
                .isInstanceOfSatisfying(
                        Answer.Transient.class,
                        failure -> assertThat(failure.cause()).isEqualTo(Answer.Cause.CONTENT_ENCODING));
    }

    /** Readable all the same. */
    private static Fault encoded() {
        return (exchange, right) -> {
            exchange.getResponseHeaders().set("Content-Encoding", "br");
            Fault.none().answer(exchange, right);
        };
    }

    @Test
    void repositories_areReadFromTheCatalog() throws InterruptedException {
        assertThat(lists.catalog(RegistryListsTest::never))
                .isEqualTo(new Answer.Found<>(Set.of("library/hello", "library/hello/below")));
    }

    @Test
    void withoutCatalog_itIsAbsent() throws InterruptedException {
        registry.withoutCatalog();

        assertThat(lists.catalog(RegistryListsTest::never)).isInstanceOf(Answer.Absent.class);
    }

    @Test
    void pagesOutOfOrderAndTwice_giveEachNameOnce() throws InterruptedException {
        registry.pages(page -> {
            List<String> worse = new ArrayList<>(page);
            worse.addAll(page.subList(0, page.size() / 2));
            Collections.reverse(worse);
            return worse;
        });

        assertThat(tags()).isEqualTo(all());
    }

    @Test
    void namesThatAreNone_areLeftOut() throws InterruptedException {
        registry.pages(page -> List.of("ok", "../../etc", "a b", "", "http://127.0.0.1/", "x".repeat(200)));

        assertThat(tags()).containsExactly("ok");
    }

    @Test
    void pageThatNeverEnds_isLeft() throws InterruptedException {
        registry.pages(page -> List.of("same"));

        assertThat(tags()).containsExactly("same");
    }

    static Stream<Fault> broken() {
        return Stream.of(
                Fault.status(500), Fault.html(200), Fault.cut(), Fault.byteLess(), Fault.reset(), Fault.html(404));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void brokenPage_isAskedForAgain(Fault fault) throws InterruptedException {
        registry.fail("/tags/list", Fault.none(), fault, fault);

        assertThat(lists.tags("library/hello", (failure, attempt) -> attempt < 3))
                .isEqualTo(new Answer.Found<>(all()));
    }

    @Test
    void brokenPage_withoutPatience_isNoShorterList() throws InterruptedException {
        registry.fail("/tags/list", Fault.none(), Fault.status(500));

        assertThat(lists.tags("library/hello", RegistryListsTest::never)).isInstanceOf(Answer.Transient.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CANARY/v2/library/hello/tags/list",
                "CANARY/v2/library/hello/tags/list/more?n=1",
                "/v2/other/tags/list?n=1",
                "//CANARY_HOST/v2/x",
                "file:///etc/passwd",
                "not a url"
            })
    void linkToAnotherPlace_isNotFollowed(String link) throws InterruptedException {
        String next = link.replace("CANARY_HOST", canary.url().getAuthority())
                .replace("CANARY", canary.url().toString());
        registry.fail("/tags/list", (exchange, right) -> {
            exchange.getResponseHeaders().set("Link", "<" + next + ">; rel=\"next\"");
            exchange.sendResponseHeaders(200, 14);
            exchange.getResponseBody().write(Images.bytes("{\"tags\":[\"a\"]}"));
        });

        assertThat(tags()).containsExactly("a");
        assertThat(canary.requests()).isEmpty();
        assertThat(registry.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CANARY/v2/library/hello/tags/list", "/behind/a/proxy/v2/library/hello/tags/list"})
    void linkToTheSameListElsewhere_isFollowedAtTheRegistry(String link) throws InterruptedException {
        String next = link.replace("CANARY", canary.url().toString()) + "?last=t998&n=1000";
        registry.fail("/tags/list", (exchange, right) -> {
            exchange.getResponseHeaders().set("Link", "<" + next + ">; rel=\"next\"");
            exchange.sendResponseHeaders(200, 14);
            exchange.getResponseBody().write(Images.bytes("{\"tags\":[\"a\"]}"));
        });

        assertThat(tags()).containsExactly("a", "t999");
        assertThat(canary.requests()).isEmpty();
        assertThat(registry.requests()).hasSize(2);
    }

    static Stream<Fault> noCatalog() {
        return Stream.of(
                Fault.html(404),
                Fault.status(405),
                error(401, "UNAUTHORIZED"),
                error(403, "DENIED"),
                error(400, "UNSUPPORTED"));
    }

    @ParameterizedTest
    @MethodSource("noCatalog")
    void registryThatSaysSo_hasNoCatalog(Fault fault) throws InterruptedException {
        registry.fail("/v2/_catalog", fault);

        assertThat(lists.catalog(RegistryListsTest::never)).isInstanceOf(Answer.Absent.class);
    }

    static Stream<Fault> unreadCatalog() {
        return Stream.of(
                Fault.status(401), Fault.status(403), Fault.html(403), Fault.status(418), Fault.redirect("/elsewhere"));
    }

    @ParameterizedTest
    @MethodSource("unreadCatalog")
    void somebodyOnTheWay_doesNotSayThatThereIsNoCatalog(Fault fault) throws InterruptedException {
        registry.fail("/v2/_catalog", fault);

        assertThat(lists.catalog(RegistryListsTest::never)).isInstanceOf(Answer.Transient.class);
    }

    @Test
    void listThatVanishesHalfWay_isNoShorterList() throws InterruptedException {
        registry.fail("/tags/list", Fault.none(), error(404, "NAME_UNKNOWN"));

        assertThat(lists.tags("library/hello", RegistryListsTest::never)).isInstanceOf(Answer.Transient.class);
    }

    private static Fault error(int status, String code) {
        return (exchange, right) -> {
            byte[] body = Images.bytes("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"m\"}]}");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        };
    }

    private Set<String> tags() throws InterruptedException {
        Answer<Set<String>> answer = lists.tags("library/hello", RegistryListsTest::never);
        assertThat(answer).isInstanceOf(Answer.Found.class);
        return ((Answer.Found<Set<String>>) answer).value();
    }

    private static Set<String> all() {
        return IntStream.range(0, TAGS).mapToObj(i -> "t" + i).collect(Collectors.toSet());
    }

    private static boolean never(Answer.Transient<?> failure, int attempt) {
        return false;
    }
}
