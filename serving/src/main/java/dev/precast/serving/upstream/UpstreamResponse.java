package dev.precast.serving.upstream;

/**
 * What the upstream answered. The body is read or cancelled by {@link #close}.
 *
 * @param headers as received; whoever hands them on chooses which
 */
public record UpstreamResponse(int status, HeaderLines headers, UpstreamBody body) implements AutoCloseable {
    @Override
    public void close() {
        body.close();
    }
}
