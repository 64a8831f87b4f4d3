package dev.precast.serving.upstream;

/**
 * One question to the upstream.
 *
 * @param head HEAD instead of GET
 * @param target path and query below the registry's URL, from {@code /v2/} on, built from parsed parts only
 * @param headers sent as they are
 */
public record UpstreamRequest(boolean head, String target, HeaderLines headers) {}
