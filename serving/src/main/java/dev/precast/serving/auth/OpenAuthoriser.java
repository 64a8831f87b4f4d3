package dev.precast.serving.auth;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.serving.upstream.HeaderLines;
import java.util.List;
import java.util.Optional;

/** Everybody may read the listed repositories, and nobody anything else. Credentials are not looked at. Immutable. */
public final class OpenAuthoriser implements Authoriser {
    /** There is nobody to log in as, so it is not 401. */
    private static final Ruling NOT_LISTED = new Ruling.Refused(
            RegistryError.of(404, "NAME_UNKNOWN", "repository name not known to registry"), HeaderLines.NONE);

    private final List<RepositoryPattern> repositories;

    public OpenAuthoriser(List<RepositoryPattern> repositories) {
        this.repositories = List.copyOf(repositories);
    }

    @Override
    public Ruling enter(Credential credential) {
        return Ruling.Plain.ALLOWED;
    }

    @Override
    public Ruling read(String repository, Credential credential) {
        return repositories.stream().anyMatch(pattern -> pattern.matches(repository))
                ? Ruling.Plain.ALLOWED
                : NOT_LISTED;
    }

    @Override
    public Optional<Ruling> remembered(String repository, Credential credential) {
        return Optional.of(read(repository, credential));
    }

    @Override
    public Ruling list(Credential credential) {
        return Ruling.Plain.ALLOWED;
    }
}
