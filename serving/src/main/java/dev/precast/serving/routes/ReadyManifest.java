package dev.precast.serving.routes;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.serving.view.StoredManifest;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of a manifest, made once for each manifest that stays in memory, and once a request for all others. What is
 * the same for many is encoded ahead of time; for one manifest that would take longer than sending it.
 *
 * @param sent for the metrics
 */
record ReadyManifest(List<HttpField> fields, Exchange.Sent sent) {
    private static final String DIGEST = "Docker-Content-Digest";
    private static final Map<String, HttpField> TYPES = Stream.of(
                    MediaTypes.SCHEMA1_SIGNED,
                    MediaTypes.SCHEMA1,
                    MediaTypes.SCHEMA2,
                    MediaTypes.MANIFEST_LIST,
                    MediaTypes.OCI_MANIFEST,
                    MediaTypes.OCI_INDEX)
            .collect(Collectors.toMap(type -> type, type -> new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, type)));

    static ReadyManifest of(StoredManifest manifest) {
        String digest = manifest.digest().toString();
        Digest from = manifest.from();
        String origin = from == null ? "stored" : "converted";
        HttpField type = TYPES.get(manifest.mediaType());
        List<HttpField> fields = List.of(
                named(DIGEST, digest),
                new HttpField(HttpHeader.ETAG, "\"" + digest + "\""),
                named(DirectWire.ORIGIN, from == null ? origin : origin + "; from=" + from),
                type == null ? new HttpField(HttpHeader.CONTENT_TYPE, manifest.mediaType()) : type,
                new HttpField.LongValueHttpField(HttpHeader.CONTENT_LENGTH, manifest.length()));
        return new ReadyManifest(fields, new Exchange.Sent(Formats.of(manifest.mediaType()), origin, 200));
    }

    /** Jetty knows no header of that name, and need not look for one. */
    private static HttpField named(String name, String value) {
        @Nullable HttpHeader unknown = null;
        return new HttpField(unknown, name, value);
    }
}
