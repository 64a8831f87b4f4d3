package dev.precast.schemas.role;

/**
 * A part that runs until it is closed. The constructor does no I/O; {@link #start} does, and returns once the role works or
 * throws with a message for the operator; {@link #close} ends it in order and may be called at any time, also twice.
 * Implementations are safe to ask for their {@link #health} from any thread.
 */
public interface Role extends AutoCloseable {
    /** {@code ingest}, {@code converter} or {@code serving}. */
    String name();

    void start() throws Exception;

    Health health();

    @Override
    void close();
}
