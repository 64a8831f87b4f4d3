package dev.precast.launcher.up;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.role.Role;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Waits until what was started does its work, as seen from outside. */
final class Readiness {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long POLL_MILLIS = 25;

    private Readiness() {}

    /**
     * Waits for as long as what they wait for changes: filling a large view takes long, and says how far it is.
     *
     * @param excused of those that are not ready, who is not waited for
     * @param nanoTime a clock that only goes forward
     */
    static void awaitRoles(List<? extends Role> roles, Predicate<Role> excused, LongSupplier nanoTime)
            throws IOException, InterruptedException {
        long changed = nanoTime.getAsLong();
        String before = "";
        while (true) {
            String trouble = roles.stream()
                    .filter(role -> !role.health().ready() && !excused.test(role))
                    .map(role -> "The " + role.name() + " role is not ready: "
                            + role.health().detail() + ".")
                    .collect(Collectors.joining(" "));
            if (trouble.isEmpty()) {
                return;
            }
            long now = nanoTime.getAsLong();
            if (!trouble.equals(before)) {
                before = trouble;
                changed = now;
            }
            if (now - changed > PATIENCE.toNanos() || !Roles.allLive(roles)) {
                throw new IOException(trouble);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** Waits until an old client gets each tag, or is told why it cannot. */
    static String awaitTags(String serving, List<Reference> tags) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Reference> missing = new ArrayList<>(tags);
        int converted = 0;
        while (!missing.isEmpty()) {
            for (Reference tag : List.copyOf(missing)) {
                int status = status(client, serving, tag);
                if (status != 0) {
                    missing.remove(tag);
                    converted += status == 200 ? 1 : 0;
                }
            }
            if (!missing.isEmpty() && System.nanoTime() - deadline > 0) {
                throw new IOException("Cannot serve the samples: " + missing.get(0) + " was not converted within "
                        + PATIENCE.toSeconds() + " s. Look at the lines above, and run with --debug.");
            }
            TimeUnit.MILLISECONDS.sleep(missing.isEmpty() ? 0 : POLL_MILLIS);
        }
        return converted + " of " + tags.size() + " tags converted, " + (tags.size() - converted)
                + " refused with a reason";
    }

    /** 200, 404 when refused with a reason, or 0 when nothing is known yet. */
    private static int status(HttpClient client, String serving, Reference tag)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(serving + "/v2/" + tag.repository() + "/manifests/" + tag.tag()))
                .timeout(PATIENCE)
                .header("Accept", MediaTypes.SCHEMA1_SIGNED)
                .build();
        HttpResponse<String> response =
                client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        boolean converted = response.statusCode() == 200
                && response.headers()
                        .firstValue("Content-Type")
                        .filter(type -> MediaTypes.isSchema1(MediaTypes.withoutParameters(type)))
                        .isPresent();
        boolean refused = response.statusCode() == 404
                && response.body().contains("\"reason\"")
                && !response.body().contains('"' + RegistryError.PENDING + '"');
        return converted || refused ? response.statusCode() : 0;
    }
}
