package dev.precast.serving.upstream;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;

/**
 * What the upstream answered, its body still on its way: exactly one of the publisher's subscribers gets it, piece by piece as it
 * asks for them, or {@link #drop}s it.
 *
 * @param from where it was asked, to resolve a Location against
 */
public record UpstreamStream(URI from, int status, HeaderLines headers, Flow.Publisher<List<ByteBuffer>> body) {
    /** Whether the answer is that something lies elsewhere. */
    public boolean redirect() {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    /** Ends the exchange without its body. */
    public void drop() {
        body.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.cancel();
            }

            @Override
            public void onNext(List<ByteBuffer> item) {}

            @Override
            public void onError(Throwable throwable) {}

            @Override
            public void onComplete() {}
        });
    }
}
