package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.UpstreamRequest;
import dev.precast.serving.view.StoredManifest;

/** What goes back to a client. The same for GET and HEAD; whether a body is sent is decided on the wire. */
sealed interface Answer {
    /** A manifest of the view. */
    record ViewManifest(StoredManifest manifest) implements Answer {}

    /** The {@link EmptyLayer}. */
    record Empty() implements Answer {}

    /** {@code {}}: yes, this is a registry. */
    record Here() implements Answer {}

    /** The client has it already. */
    record NotModified(Digest digest) implements Answer {}

    /**
     * What the upstream answers on {@code /v2/}, or last answered to the same caller.
     *
     * @param fingerprint of the caller's credential
     */
    record Front(UpstreamRequest request, String fingerprint) implements Answer {}

    /** What the upstream answers. */
    record Relay(UpstreamRequest request) implements Answer {}

    /**
     * The caller is not let in.
     *
     * @param headers a challenge, where there is one
     */
    record Rejected(RegistryError error, HeaderLines headers) implements Answer {}

    /** JSON of our own. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
    record Json(HeaderLines headers, byte[] body) implements Answer {}

    /** An error of our own. */
    record Failure(RegistryError error) implements Answer {
        /** 503, worth another try at once. */
        static Failure unavailable(String message) {
            return new Failure(RegistryError.of(503, "UNAVAILABLE", message));
        }
    }
}
