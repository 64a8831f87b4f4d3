package dev.precast.serving.routes;

import dev.precast.serving.auth.Credential;
import dev.precast.serving.upstream.HeaderLines;
import org.jspecify.annotations.Nullable;

/**
 * A GET or HEAD, as far as anybody here looks at it.
 *
 * @param rawQuery undecoded; absent when there is none
 * @param headers only the names that matter to us or the upstream
 */
record ClientRequest(
        boolean head, RegistryPath path, @Nullable String rawQuery, HeaderLines headers) {
    Credential credential() {
        return new Credential(headers.first("authorization"));
    }
}
