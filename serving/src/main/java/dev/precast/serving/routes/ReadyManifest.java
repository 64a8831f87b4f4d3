package dev.precast.serving.routes;

import dev.precast.schemas.image.Digest;
import dev.precast.serving.view.StoredManifest;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;

/**
 * The header fields of a manifest, as bytes ready to be copied; made once for each manifest that stays in memory.
 *
 * @param sent for the metrics
 */
record ReadyManifest(List<HttpField> fields, Exchange.Sent sent) {
    static ReadyManifest of(StoredManifest manifest) {
        String digest = manifest.digest().toString();
        Digest from = manifest.from();
        String origin = from == null ? "stored" : "converted";
        List<HttpField> fields = List.of(
                new PreEncodedHttpField("Docker-Content-Digest", digest),
                new PreEncodedHttpField(HttpHeader.ETAG, "\"" + digest + "\""),
                new PreEncodedHttpField(DirectWire.ORIGIN, from == null ? origin : origin + "; from=" + from),
                new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, manifest.mediaType()),
                new PreEncodedHttpField(HttpHeader.CONTENT_LENGTH, manifest.length()));
        return new ReadyManifest(fields, new Exchange.Sent(Formats.of(manifest.mediaType()), origin, 200));
    }
}
