package dev.precast.serving.upstream;

/**
 * One question to the upstream.
 *
 * @param head HEAD instead of GET
 * @param target path and query below the registry's URL, from {@code /v2/} on, built from parsed parts only
 * @param headers sent as they are
 * @param purpose under which it is timed
 */
public record UpstreamRequest(boolean head, String target, HeaderLines headers, Purpose purpose) {
    /** What somebody wants to know. */
    public enum Purpose {
        /** What the caller asked for. */
        RELAY("relay"),
        /** Whether the caller may read. */
        AUTH("auth"),
        /** What a tag points to now. */
        FRESHNESS("freshness"),
        /** Which repositories there are. */
        CATALOG("catalog");

        private final String label;

        Purpose(String label) {
            this.label = label;
        }

        /** As it stands in metrics. */
        public String label() {
            return label;
        }
    }

    /** The same with other headers. */
    public UpstreamRequest with(HeaderLines others) {
        return new UpstreamRequest(head, target, others, purpose);
    }
}
