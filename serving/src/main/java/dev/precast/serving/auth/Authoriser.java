package dev.precast.serving.auth;

import java.io.IOException;
import java.util.Optional;

/**
 * Decides what a caller may read, before anybody looks whether it exists. Thread-safe; answers may take as long as asking the
 * upstream or comparing a password takes.
 */
public interface Authoriser {
    /**
     * Reads what it decides by.
     *
     * @throws IOException if that cannot be used, with a message for the operator
     */
    default void start() throws IOException {}

    /** Whether the caller may know that this is a registry: {@code /v2/}. */
    Ruling enter(Credential credential);

    /** Whether the caller may read a repository, which need not exist. */
    Ruling read(String repository, Credential credential);

    /**
     * What {@link #read} would answer, where that is known now: found in memory, without asking anybody, waiting for anybody, or
     * reading a file; empty where it is not. Short enough for a thread that has others to attend to.
     */
    Optional<Ruling> remembered(String repository, Credential credential);

    /** Whether the caller may ask for the catalog, of which it then sees the repositories that it may read. */
    Ruling list(Credential credential);
}
