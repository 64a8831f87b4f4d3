package dev.precast.serving.routes;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precast.schemas.error.RegistryError;
import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Ruling;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.UpstreamCatalog;
import dev.precast.serving.upstream.UpstreamException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The list of repositories: those that the caller may read, what the upstream shows the caller, or nothing. Thread-safe. */
final class Catalog {
    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);
    private static final Answer OFF =
            new Answer.Failure(RegistryError.of(404, "UNSUPPORTED", "the catalog is turned off"));

    private final boolean on;
    private final Authoriser authoriser;
    private final UpstreamCatalog upstream;

    Catalog(boolean on, Authoriser authoriser, UpstreamCatalog upstream) {
        this.on = on;
        this.authoriser = authoriser;
        this.upstream = upstream;
    }

    Answer answer(ClientRequest request, PageQuery page, UpstreamRequests requests) {
        if (!on) {
            return OFF;
        }
        Ruling ruling = authoriser.list(request.credential());
        if (ruling instanceof Ruling.Refused refused) {
            return new Answer.Rejected(refused.error(), refused.headers());
        }
        return ruling.allowed()
                ? filtered(request.credential(), page)
                : new Answer.Relay(requests.catalog(request, page));
    }

    /** Pages are cut after filtering: a page that is shorter than asked for, or a link to it, would tell of what is left out. */
    private Answer filtered(Credential credential, PageQuery page) {
        try {
            List<String> names = upstream.names().stream()
                    .filter(name -> name.compareTo(page.last()) > 0)
                    .filter(name -> authoriser.read(name, credential).allowed())
                    .limit(page.n() + 1L)
                    .toList();
            // Asked for none, there is none and no next page either (OCI distribution-spec, "Listing Tags").
            boolean more = page.n() > 0 && names.size() > page.n();
            List<String> shown = names.subList(0, Math.min(page.n(), names.size()));
            HeaderLines headers = more ? HeaderLines.NONE.plus("link", next(shown, page.n())) : HeaderLines.NONE;
            return new Answer.Json(headers, json(shown));
        } catch (UpstreamException e) {
            LOG.warn("Cannot list repositories: {}", e.getMessage());
            return new Answer.Failure(UpstreamErrors.of(e));
        } catch (IOException e) {
            LOG.warn("Cannot list repositories: {}", e.getMessage());
            return Answer.Failure.unavailable("the upstream registry cannot be asked, please try again");
        }
    }

    private static String next(List<String> shown, int n) {
        return "</v2/_catalog?last=" + shown.get(shown.size() - 1) + "&n=" + n + ">; rel=\"next\"";
    }

    private static byte[] json(List<String> names) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode repositories = root.putArray("repositories");
        names.forEach(repositories::add);
        return (root + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
