package dev.precast.serving.routes;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.UpstreamRequest;
import java.util.List;

/** Builds what is asked of the upstream from what was parsed; nothing of the client's own URL is taken over. */
final class UpstreamRequests {
    /** Read from clients at all. */
    static final List<String> READ =
            List.of("accept", "authorization", "range", "if-range", "if-none-match", "if-modified-since", "user-agent");

    private static final List<String> MANIFEST_HEADERS =
            List.of("accept", "authorization", "if-none-match", "user-agent");
    private static final List<String> BLOB_HEADERS =
            List.of("accept", "authorization", "range", "if-range", "if-none-match", "if-modified-since", "user-agent");
    private static final List<String> OTHER_HEADERS = List.of("accept", "authorization", "user-agent");

    private final boolean forwardCredentials;

    /** @param forwardCredentials whether callers' credentials are meant for the upstream */
    UpstreamRequests(boolean forwardCredentials) {
        this.forwardCredentials = forwardCredentials;
    }

    UpstreamRequest ping(ClientRequest request) {
        return build(request, "/v2/", OTHER_HEADERS);
    }

    UpstreamRequest catalog(ClientRequest request, PageQuery page) {
        return list(request, "/v2/_catalog" + page.query());
    }

    UpstreamRequest tags(ClientRequest request, String repository, PageQuery page) {
        return list(request, "/v2/" + repository + "/tags/list" + page.query());
    }

    UpstreamRequest referrers(ClientRequest request, String repository, Digest digest, ArtifactQuery artifacts) {
        return list(request, "/v2/" + repository + "/referrers/" + digest + artifacts.query());
    }

    UpstreamRequest manifest(ClientRequest request, Reference reference) {
        return build(request, "/v2/" + reference.repository() + "/manifests/" + reference.tag(), MANIFEST_HEADERS);
    }

    UpstreamRequest manifest(ClientRequest request, String repository, Digest digest) {
        return build(request, "/v2/" + repository + "/manifests/" + digest, MANIFEST_HEADERS);
    }

    UpstreamRequest blob(ClientRequest request, String repository, Digest digest) {
        return build(request, "/v2/" + repository + "/blobs/" + digest, BLOB_HEADERS);
    }

    /** Registries refuse HEAD of lists (2.8 with 405): they are asked with GET, and the caller of a HEAD gets no body. */
    private UpstreamRequest list(ClientRequest request, String target) {
        return build(false, request, target, OTHER_HEADERS);
    }

    private UpstreamRequest build(ClientRequest request, String target, List<String> names) {
        return build(request.head(), request, target, names);
    }

    private UpstreamRequest build(boolean head, ClientRequest request, String target, List<String> names) {
        HeaderLines headers = request.headers().only(names);
        HeaderLines sent = forwardCredentials ? headers : headers.without("authorization");
        return new UpstreamRequest(head, target, sent, UpstreamRequest.Purpose.RELAY);
    }
}
