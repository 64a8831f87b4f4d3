package dev.precast.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class RequestRecorderTest {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final RequestRecorder recorder = new ServingMetrics(registry).requests();

    @Test
    void everyCombination_countsUnderItsOwnName() {
        for (ClientKind client : ClientKind.values()) {
            for (Origin origin : Origin.values()) {
                recorder.record(client, Route.MANIFEST_BY_TAG, Format.SCHEMA1, origin, 200, 1_000);
            }
        }
        recorder.record(ClientKind.CURL, Route.BLOB, Format.BLOB, Origin.UPSTREAM, 418, 1_000);
        recorder.record(ClientKind.CURL, Route.BLOB, Format.BLOB, Origin.UPSTREAM, -7, 1_000);
        for (int status : new int[] {0, 204, 303, 421}) {
            recorder.record(ClientKind.CURL, Route.BLOB, Format.BLOB, Origin.UPSTREAM, status, 1_000);
        }

        assertThat(registry.get("precast.serving.requests").timers())
                .hasSize(ClientKind.values().length * Origin.values().length + 5)
                .allSatisfy(timer -> assertThat(timer.count())
                        .isEqualTo("other".equals(timer.getId().getTag("status")) ? 2 : 1));
        assertThat(registry.scrape())
                .contains("precast_serving_requests_seconds_count{client=\"docker-1.6-1.9\",format=\"schema1\","
                        + "origin=\"empty-layer\",route=\"manifest-by-tag\",status=\"200\"} 1");
    }

    @Test
    void record_makesNoGarbage() {
        for (int i = 0; i < 50_000; i++) {
            record();
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 50_000; i++) {
            record();
        }
        // Micrometer renews a small histogram now and then; a single object a request would be 800,000 bytes.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
    }

    private void record() {
        recorder.record(
                ClientKind.of("docker/1.9.1 go/go1.4.3"),
                Route.MANIFEST_BY_TAG,
                Format.SCHEMA1,
                Origin.CONVERTED,
                200,
                12_345);
    }
}
