package dev.precast.serving.freshness;

import dev.precast.schemas.image.Reference;
import dev.precast.serving.negotiation.NegotiationRules;
import dev.precast.serving.upstream.UpstreamRequest;
import java.util.List;

/**
 * A request of a tag by a caller who may read the repository, where conversion is on.
 *
 * @param asked what would be asked of the upstream for this caller; its target and its credentials are used
 * @param accept every Accept header line, as sent
 */
public record TagRequest(Reference reference, UpstreamRequest asked, List<String> accept, NegotiationRules rules) {
    public TagRequest {
        accept = List.copyOf(accept);
    }
}
