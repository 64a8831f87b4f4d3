package dev.precast.serving.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.RepositoryPattern;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenAuthoriserTest {
    private final OpenAuthoriser authoriser = new OpenAuthoriser(List.of(new RepositoryPattern("library/*")));

    @Test
    void remembered_isAlwaysKnown() {
        assertThat(authoriser.remembered("library/a", Credential.ANONYMOUS)).contains(Ruling.Plain.ALLOWED);
        assertThat(authoriser.remembered("team/a", Credential.ANONYMOUS))
                .contains(authoriser.read("team/a", Credential.ANONYMOUS));
    }
}
