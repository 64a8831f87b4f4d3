package dev.precast.serving.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PublishedKeysTest {
    private static final Instant EARLIER = Instant.parse("2026-11-23T00:00:00Z");

    private static final KeyRing RING = KeyRing.EMPTY
            .with("A", key("A", KeyState.ACTIVE, EARLIER.plusSeconds(9)))
            .with("P", key("P", KeyState.PREVIOUS, EARLIER))
            .with("R", key("R", KeyState.RETIRED, EARLIER))
            .with("available/N", key("N", KeyState.AVAILABLE, EARLIER));

    @Test
    void jwks_holdsActiveAndPreviousKeys() throws Exception {
        assertThat(JWKSet.parse(PublishedKeys.jwks(RING)).getKeys())
                .containsExactly(JWK.parse(jwk("A", "")), JWK.parse(jwk("P", "")));
        assertThat(PublishedKeys.jwks(KeyRing.EMPTY)).isEqualTo("{\"keys\":[]}");
    }

    /** Whoever wrote them. */
    @Test
    void jwks_neverHoldsAPrivateKeyOrWhatIsNone() {
        String secret = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
        KeyRing ring = KeyRing.EMPTY
                .with("D", record("D", jwk("D", ",\"d\":\"" + secret + "\"")))
                .with("T", record("T", jwk("T", ",\"d\":\"" + secret + "\",\"d\":null")))
                .with("S", record("S", "{\"kty\":\"oct\",\"k\":\"" + secret + "\"}"))
                .with("N", record("N", "-----BEGIN PRIVATE KEY----- " + secret));

        assertThat(PublishedKeys.jwks(ring)).doesNotContain(secret);
        assertThat(PublishedKeys.jwks(RING.with("D", record("D", jwk("D", ",\"d\":\"" + secret + "\"")))))
                .contains("\"kid\":\"A\"")
                .doesNotContain("\"kid\":\"D\"");
    }

    @Test
    void ids_sayTheStates() {
        assertThat(PublishedKeys.ids(RING))
                .isEqualTo("{\"keys\":[{\"keyId\":\"A\",\"state\":\"active\",\"since\":\"2026-11-23T00:00:09Z\"},"
                        + "{\"keyId\":\"P\",\"state\":\"previous\",\"since\":\"2026-11-23T00:00:00Z\"}]}");
    }

    private static SigningKeyRecord key(String id, KeyState state, Instant since) {
        return new SigningKeyRecord(id, jwk(id, ""), state, since, null);
    }

    private static SigningKeyRecord record(String id, String jwk) {
        return new SigningKeyRecord(id, jwk, KeyState.ACTIVE, EARLIER, null);
    }

    /** The key of RFC 7517, A.1. */
    private static String jwk(String id, String more) {
        return "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
                + "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\",\"kid\":\"" + id + "\"" + more + "}";
    }
}
