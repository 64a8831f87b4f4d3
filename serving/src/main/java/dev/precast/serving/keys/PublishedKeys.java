package dev.precast.serving.keys;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.nimbusds.jose.jwk.JWK;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What serving says of the keys that sign: active and previous ones, newest first. Never what is no public key. */
public final class PublishedKeys {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedKeys.class);

    private PublishedKeys() {}

    /** RFC 7517. The JWKs are the records', with the key id as {@code kid}, read and written again: nothing else comes along. */
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
        return text(new Jwks(ring.published().stream()
                .map(PublishedKeys::publicJwk)
                .flatMap(Optional::stream)
                .map(RawJwk::new)
                .toList()));
    }

    /** Nobody but an operator writes the topic, but everybody may read what is published: empty for a key that is private. */
    private static Optional<String> publicJwk(SigningKeyRecord key) {
        try {
            JWK jwk = JWK.parse(key.jwk());
            if (!jwk.isPrivate()) {
                return Optional.of(jwk.toJSONString());
            }
            LOG.warn(
                    "The key {} in precast-keys is a private one. It is not published; retire it, it is known now.",
                    key.keyId());
        } catch (ParseException e) {
            // Without the message, which may repeat what stands there.
            LOG.warn("Cannot read the key {} in precast-keys: it is no JWK. It is not published.", key.keyId());
        }
        return Optional.empty();
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
