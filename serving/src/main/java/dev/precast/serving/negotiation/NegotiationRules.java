package dev.precast.serving.negotiation;

/**
 * Where operators may differ.
 *
 * @param nativeForWildcard whether a client that accepts only a wildcard, such as curl, gets the stored manifest instead of
 *     schema 1
 * @param strict whether a client that names types of which none fits gets 404 instead of schema 1
 */
public record NegotiationRules(boolean nativeForWildcard, boolean strict) {
    /** As Docker Hub and Distribution 2.8 answered. */
    public static final NegotiationRules DEFAULT = new NegotiationRules(false, false);
}
