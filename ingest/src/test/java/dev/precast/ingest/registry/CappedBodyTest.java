package dev.precast.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CappedBodyTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Given given = new Given();

    @Test
    void body_thatTrickles_isGivenUpAfterTheFirstSeconds() throws Exception {
        CompletableFuture<CappedBody.Body> body = trickle(1, 7);

        assertThat(given.cancelled).isTrue();
        assertThat(body.handle((bytes, failure) -> failure).get()).isInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void body_thatTricklesInTheFirstSeconds_isTaken() throws Exception {
        assertThat(trickle(1, 5).get().bytes()).hasSize(5);
        assertThat(given.cancelled).isFalse();
    }

    @Test
    void body_ofAKibibyteASecond_isTaken() throws Exception {
        assertThat(trickle(1024, 25).get().bytes()).hasSize(25 * 1024);
    }

    /** So many bytes at the end of each second, then the end. */
    private CompletableFuture<CappedBody.Body> trickle(int bytes, int seconds) {
        BodySubscriber<CappedBody.Body> subscriber =
                CappedBody.atMost(1 << 20, nanos::get).apply(new Head());
        subscriber.onSubscribe(given);
        for (int i = 0; i < seconds; i++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            subscriber.onNext(List.of(ByteBuffer.allocate(bytes)));
        }
        subscriber.onComplete();
        return subscriber.getBody().toCompletableFuture();
    }

    private static final class Given implements Flow.Subscription {
        private boolean cancelled;

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private record Head() implements ResponseInfo {
        @Override
        public int statusCode() {
            return 200;
        }

        @Override
        public HttpHeaders headers() {
            return HttpHeaders.of(Map.of(), (name, value) -> true);
        }

        @Override
        public HttpClient.Version version() {
            return HttpClient.Version.HTTP_1_1;
        }
    }
}
