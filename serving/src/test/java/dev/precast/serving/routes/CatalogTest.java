package dev.precast.serving.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.serving.auth.OpenAuthoriser;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamCatalog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogTest {
    private final FakeUpstream registry = new FakeUpstream()
            .on("/v2/_catalog", FakeUpstream.json(200, "{\"repositories\":[\"a\",\"b\",\"secret\",\"z\"]}"));
    private final Upstream upstream =
            new Upstream(registry.url(), Duration.ofSeconds(5), new ServingMetrics(new SimpleMeterRegistry()));

    @AfterEach
    void close() {
        upstream.close();
        registry.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "n=0 | [] | 0",
                "n=1 | [\"a\"] | 1",
                "n=2 | [\"a\",\"b\"] | 1",
                "n=3 | [\"a\",\"b\",\"z\"] | 0",
                "n=0&last=a | [] | 0",
                "last=b | [\"z\"] | 0"
            })
    void pages_areCutAfterFiltering(String query, String names, int links) {
        OpenAuthoriser authoriser = new OpenAuthoriser(
                List.of(new RepositoryPattern("a"), new RepositoryPattern("b"), new RepositoryPattern("z")));
        Catalog catalog = new Catalog(true, authoriser, new UpstreamCatalog(upstream, System::nanoTime));
        ClientRequest request = new ClientRequest(false, new RegistryPath.Catalog(), query, HeaderLines.NONE);
        Answer.Json answer = (Answer.Json) catalog.answer(request, PageQuery.parse(query), new UpstreamRequests(false));
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("\"repositories\":" + names);
        assertThat(answer.headers().all("link")).hasSize(links);
    }
}
