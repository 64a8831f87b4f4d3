package dev.precast.converter.jws;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.KeyException;
import java.util.Base64;

/** The public key that a signature's header brings: who claims to have signed. Other members of the JWK are ignored. */
final class HeaderKey {
    private HeaderKey() {}

    static JWK parse(JsonNode header) throws KeyException {
        if (header.has("x5c")) {
            throw new KeyException("found a certificate chain, expected a jwk; chains are not supported");
        }
        JsonNode jwk = header.path("jwk");
        if (!jwk.isObject()) {
            throw new KeyException("found no jwk, expected one");
        }
        JWK key = switch (text(jwk, "kty")) {
            case "EC" -> ec(jwk);
            case "RSA" -> new RSAKey.Builder(decode(jwk, "n"), decode(jwk, "e")).build();
            default -> throw new KeyException("found another kty, expected EC or RSA");
        };
        PublicKeys.requireStrong(key);
        return key;
    }

    /** A key id is optional, but one that belongs to another key is a lie ({@code ec_key.go}, {@code rsa_key.go}). */
    static void requireKeyId(JsonNode header, String keyId) throws KeyException {
        JsonNode kid = header.path("jwk").path("kid");
        if (!kid.isMissingNode() && !kid.asText("").equals(keyId)) {
            throw new KeyException("found a kid of another key, expected " + keyId);
        }
    }

    private static JWK ec(JsonNode jwk) throws KeyException {
        Curve curve = Curve.parse(text(jwk, "crv"));
        if (!PublicKeys.CURVES.contains(curve)) {
            throw new KeyException("found another curve, expected P-256, P-384 or P-521");
        }
        Base64URL x = decode(jwk, "x");
        Base64URL y = decode(jwk, "y");
        int length = (curve.toECParameterSpec().getCurve().getField().getFieldSize() + 7) / 8;
        if (x.decode().length != length || y.decode().length != length) {
            throw new KeyException("found coordinates of another length, expected " + length + " bytes each");
        }
        return new ECKey.Builder(curve, x, y).build();
    }

    /** Strictly: Nimbus reads over characters that are not base64url. */
    static Base64URL decode(String text) {
        return Base64URL.encode(Base64.getUrlDecoder().decode(text));
    }

    private static Base64URL decode(JsonNode jwk, String name) throws KeyException {
        return decode(text(jwk, name));
    }

    private static String text(JsonNode jwk, String name) throws KeyException {
        JsonNode value = jwk.path(name);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw new KeyException("found a jwk without " + name + ", expected one with it");
        }
        return value.textValue();
    }
}
