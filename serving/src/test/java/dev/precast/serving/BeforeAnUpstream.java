package dev.precast.serving;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Serving;
import dev.precast.testkit.KafkaExtension;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Serving in front of an upstream of the test's own, with nothing in its view. */
@ExtendWith(KafkaExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BeforeAnUpstream {
    final FakeUpstream upstream = new FakeUpstream();
    Serving serving;
    Http http;

    @BeforeAll
    void start(KafkaConfig kafka, @TempDir Path data) {
        serving = Serving.start(kafka, upstream.url(), data, "serving.redirect.hosts", "localhost")
                .ready();
        http = serving.http();
    }

    @AfterAll
    void stop() {
        serving.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    static FakeUpstream.Reply redirectTo(String location) {
        return exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(307, -1);
        };
    }
}
