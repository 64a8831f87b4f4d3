package dev.precast.serving.keys;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What serving says of the keys that sign: active and previous ones, newest first. Pure. */
public final class PublishedKeys {
    private PublishedKeys() {}

    /** RFC 7517. The JWKs are the records' own: public halves, with the key id as {@code kid}. */
    record Jwks(List<RawJwk> keys) {}

    record RawJwk(
            @JsonRawValue @com.fasterxml.jackson.annotation.JsonValue
            String json) {}

    /**
     * A key by its id, as libtrust makes it.
     *
     * @param until when its overlap ends or ended; absent for an active key, and for one that was replaced at once
     */
    record Row(
            String keyId,
            KeyState state,
            Instant since,
            @Nullable Instant until) {}

    record Rows(List<Row> keys) {}

    /** A JSON Web Key Set. */
    public static String jwks(KeyRing ring) {
        return text(new Jwks(
                ring.published().stream().map(key -> new RawJwk(key.jwk())).toList()));
    }

    /** Key ids and states. */
    public static String ids(KeyRing ring) {
        return text(new Rows(ring.published().stream().map(PublishedKeys::row).toList()));
    }

    private static Row row(SigningKeyRecord key) {
        return new Row(key.keyId(), key.state(), key.since(), key.until());
    }

    private static String text(Object value) {
        return new String(RecordJson.write(value), StandardCharsets.UTF_8);
    }
}
