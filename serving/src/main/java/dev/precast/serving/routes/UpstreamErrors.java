package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.serving.upstream.UpstreamException;

/** The registry's code for a bare HTTP status, as Docker Distribution pairs them ({@code registry/api} at v2.8.3). */
final class UpstreamErrors {
    private UpstreamErrors() {}

    static RegistryError of(int status, RegistryPath path) {
        return switch (status) {
            case 401 -> RegistryError.of(status, "UNAUTHORIZED", "authentication required");
            case 403 -> RegistryError.of(status, "DENIED", "requested access to the resource is denied");
            case 404 -> notFound(path);
            case 405 -> RegistryError.of(status, "UNSUPPORTED", "The operation is unsupported.");
            case 429 -> RegistryError.of(status, "TOOMANYREQUESTS", "too many requests");
            default -> RegistryError.of(status, "UNKNOWN", "the upstream registry answered " + status);
        };
    }

    /** For an upstream that gave no answer, or none that can be handed on. */
    static RegistryError of(UpstreamException failure) {
        return switch (failure.kind()) {
            case "timeout" -> RegistryError.of(504, "UNKNOWN", "the upstream registry did not answer in time");
            case "unreachable" -> RegistryError.of(503, "UNAVAILABLE", "the upstream registry cannot be reached");
            case "refused" -> RegistryError.of(400, "UNSUPPORTED", "the request holds a header that cannot be sent on");
            case "redirect" ->
                RegistryError.of(502, "UNKNOWN", "the upstream registry redirects to where nobody may go");
            case "credentials" -> RegistryError.of(502, "UNKNOWN", "the upstream registry does not let Precast in");
            case "digest" -> RegistryError.of(502, "UNKNOWN", "the upstream registry sent something else");
            default -> RegistryError.of(502, "UNKNOWN", "the upstream registry broke off its answer");
        };
    }

    private static RegistryError notFound(RegistryPath path) {
        if (path instanceof RegistryPath.ByTag byTag) {
            return RegistryError.tagUnknown(byTag.reference().tag());
        }
        if (path instanceof RegistryPath.ByDigest byDigest) {
            return RegistryError.manifestUnknown(
                    byDigest.repository(), byDigest.digest().toString());
        }
        if (path instanceof RegistryPath.BlobPath) {
            return RegistryError.of(404, "BLOB_UNKNOWN", "blob unknown to registry");
        }
        return RegistryError.of(404, "NAME_UNKNOWN", "repository name not known to registry");
    }
}
