package dev.precast.serving.auth;

/** Decides whether a caller may read a repository. Thread-safe; may wait for the upstream. */
@FunctionalInterface
public interface Authoriser {
    /** Everyone may read everything. */
    Authoriser OPEN = (repository, credential) -> Verdict.ALLOWED;

    Verdict ask(String repository, Credential credential);
}
