package dev.precast.serving.upstream;

import java.net.URI;
import java.util.concurrent.Flow;
import org.eclipse.jetty.io.Content;

/**
 * What the upstream answered, its body still on its way: exactly one of the publisher's subscribers gets it, piece by piece as it
 * asks for them, or {@link #drop}s it. Each piece is the subscriber's, who releases it once it is written.
 *
 * @param from where it was asked, to resolve a Location against
 */
public record UpstreamStream(URI from, int status, HeaderLines headers, Flow.Publisher<Content.Chunk> body) {
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
            public void onNext(Content.Chunk item) {
                item.release();
            }

            @Override
            public void onError(Throwable throwable) {}

            @Override
            public void onComplete() {}
        });
    }
}
