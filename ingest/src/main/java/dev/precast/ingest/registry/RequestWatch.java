package dev.precast.ingest.registry;

import java.time.Duration;

/** Is told of every request to the upstream side. Called from many threads. */
@FunctionalInterface
public interface RequestWatch {
    /** What was asked for. */
    enum Operation {
        PING,
        MANIFEST,
        /** HEAD of a manifest. */
        CHECK,
        BLOB,
        /** HEAD of a blob. */
        BLOB_CHECK,
        LIST,
        TOKEN;

        boolean isHead() {
            return this == CHECK || this == BLOB_CHECK;
        }
    }

    RequestWatch NOBODY = (operation, outcome, time) -> {};

    /** @param outcome the answer's status, such as {@code 200}, or why there was none: {@code timeout}, {@code unreachable} … */
    void done(Operation operation, String outcome, Duration time);
}
