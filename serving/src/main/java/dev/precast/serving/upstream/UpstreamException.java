package dev.precast.serving.upstream;

import java.io.IOException;

/** The upstream gave no answer, or not all of it. */
public final class UpstreamException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String kind;

    /** @param kind one word for metrics: {@code unreachable}, {@code timeout}, {@code broken},
     *     {@code digest}, {@code refused} or {@code credentials} */
    public UpstreamException(String kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public String kind() {
        return kind;
    }
}
