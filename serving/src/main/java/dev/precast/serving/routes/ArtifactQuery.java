package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code artifactType} of a list of referrers, read and built anew; everything else in a query is dropped.
 *
 * @param query from the question mark on, or empty
 * @param error why the query cannot be used; absent when it can
 */
record ArtifactQuery(String query, @Nullable RegistryError error) {
    private static final String KEY = "artifactType=";
    /** RFC 6838, 4.2: two names of 127 characters. */
    private static final Pattern MEDIA_TYPE =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}");

    /** @param rawQuery without the question mark, undecoded; absent when there is none. The last of several counts. */
    static ArtifactQuery parse(@Nullable String rawQuery) {
        String query = "";
        for (String part : rawQuery == null ? new String[0] : rawQuery.split("&", -1)) {
            if (part.startsWith(KEY)) {
                String type = decoded(part.substring(KEY.length()));
                if (!MEDIA_TYPE.matcher(type).matches()) {
                    RegistryError error = RegistryError.of(400, "UNSUPPORTED", "artifactType is no media type");
                    return new ArtifactQuery("", error);
                }
                query = "?" + KEY + URLEncoder.encode(type, StandardCharsets.UTF_8);
            }
        }
        return new ArtifactQuery(query, null);
    }

    /** A plus stands for itself, as clients mean it that do not escape {@code application/x+json}. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
