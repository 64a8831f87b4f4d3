package dev.precast.serving.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.json.StrictJson;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Checks a token as Docker's specification asks ({@code docs/spec/auth/jwt.md} at v2.8.3) and more strictly where it leaves room:
 * one reading of the JSON, keys from configuration only, an expiry that is there and near. Thread-safe.
 */
final class TokenChecker {
    /** Nothing longer is looked at; a token for a hundred repositories has some 10 KiB. */
    static final int MAX_TOKEN = 24 << 10;
    /** The first part alone: a chain of certificates fits. */
    static final int MAX_HEADER = 12 << 10;

    private static final Set<String> HEADER_NAMES =
            Set.of("alg", "typ", "kid", "x5c", "jwk", "jku", "x5u", "crit", "b64");
    private static final Set<String> CLAIM_NAMES = Set.of("iss", "aud", "exp", "nbf", "iat", "sub", "jti", "access");
    private static final Set<String> ACCESS_NAMES = Set.of("type", "name", "actions", "class");
    private static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");
    private static final long LAST_SECOND = 253_402_300_799L;

    private final TokenConfig config;
    private final Clock clock;

    TokenChecker(TokenConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** @throws TokenException if any check fails */
    Grants check(String token, TrustedKeys keys) throws TokenException {
        requireShort(token);
        if (!COMPACT.matcher(token).matches()) {
            throw new TokenException(TokenFault.MALFORMED);
        }
        String[] parts = token.split("\\.", -1);
        JsonNode header = json(parts[0], HEADER_NAMES);
        requireHeader(header);
        JsonNode claims = json(parts[1], CLAIM_NAMES);
        requireSigned(token, keys);
        if (!claims.path("iss").isTextual() || !claims.path("iss").textValue().equals(config.issuer())) {
            throw new TokenException(TokenFault.ISSUER);
        }
        requireAudience(claims.path("aud"));
        return grants(claims, clock.instant().getEpochSecond());
    }

    private static void requireShort(String token) throws TokenException {
        int dot = token.indexOf('.');
        if (token.length() > MAX_TOKEN || dot > MAX_HEADER) {
            throw new TokenException(TokenFault.TOO_LONG);
        }
    }

    private static JsonNode json(String base64, Set<String> names) throws TokenException {
        try {
            JsonNode node =
                    StrictJson.read(Base64.getUrlDecoder().decode(base64), "token", RefusalReason.MALFORMED_MANIFEST);
            if (node.isObject()) {
                StrictJson.requireNoFoldedKeys(node, names, "token");
                return node;
            }
        } catch (IllegalArgumentException | RefusedException e) {
            throw new TokenException(TokenFault.MALFORMED);
        }
        throw new TokenException(TokenFault.MALFORMED);
    }

    private void requireHeader(JsonNode header) throws TokenException {
        if (!header.path("alg").isTextual()
                || !config.algorithms().contains(header.path("alg").textValue())) {
            throw new TokenException(TokenFault.ALGORITHM);
        }
        JsonNode type = header.path("typ");
        boolean token = type.isMissingNode() || "JWT".equalsIgnoreCase(type.textValue());
        if (header.has("crit") || header.has("b64") || !token) {
            throw new TokenException(TokenFault.HEADER);
        }
    }

    private void requireSigned(String token, TrustedKeys keys) throws TokenException {
        JWSObject signed;
        try {
            signed = JWSObject.parse(token);
        } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
            throw new TokenException(TokenFault.MALFORMED);
        }
        JWSHeader header = signed.getHeader();
        List<TrustedKey> candidates = keys.find(header, Instant.now(clock));
        if (candidates.isEmpty()) {
            throw new TokenException(TokenFault.UNKNOWN_KEY);
        }
        byte[] input = signed.getSigningInput();
        if (candidates.stream().noneMatch(key -> key.verifies(header, input, signed.getSignature()))) {
            throw new TokenException(TokenFault.SIGNATURE);
        }
    }

    private void requireAudience(JsonNode audience) throws TokenException {
        boolean ours = audience.isTextual()
                ? audience.textValue().equals(config.service())
                : audience.isArray()
                        && StreamSupport.stream(audience.spliterator(), false)
                                .anyMatch(one -> config.service().equals(one.textValue()));
        if (!ours) {
            throw new TokenException(TokenFault.AUDIENCE);
        }
    }

    private Grants grants(JsonNode claims, long now) throws TokenException {
        Long expires = seconds(claims.path("exp"), TokenFault.EXPIRED);
        Long notBefore = seconds(claims.path("nbf"), TokenFault.NOT_YET);
        Long issued = seconds(claims.path("iat"), TokenFault.NOT_YET);
        if (expires == null || now - Grants.LEEWAY_SECONDS >= expires) {
            throw new TokenException(TokenFault.EXPIRED);
        }
        long from = Math.max(notBefore == null ? 0 : notBefore, issued == null ? 0 : issued);
        if (from > now + Grants.LEEWAY_SECONDS) {
            throw new TokenException(TokenFault.NOT_YET);
        }
        long longest = config.longest().toSeconds();
        boolean tooLong =
                expires - now > longest + Grants.LEEWAY_SECONDS || (issued != null && expires - issued > longest);
        if (tooLong) {
            throw new TokenException(TokenFault.LIFETIME);
        }
        return access(claims.path("access"), from, expires);
    }

    private static Grants access(JsonNode access, long from, long expires) throws TokenException {
        if (!access.isMissingNode() && !access.isNull() && !access.isArray()) {
            throw new TokenException(TokenFault.ACCESS);
        }
        Set<String> repositories = new HashSet<>();
        boolean catalog = false;
        for (JsonNode entry : access) {
            requireEntry(entry);
            String type = entry.path("type").textValue();
            String name = entry.path("name").textValue();
            if (type.equals("repository") && has(entry, "pull")) {
                repositories.add(name);
            }
            catalog |= type.equals("registry") && name.equals("catalog") && has(entry, "*");
        }
        return new Grants(repositories, catalog, from, expires);
    }

    private static void requireEntry(JsonNode entry) throws TokenException {
        try {
            StrictJson.requireNoFoldedKeys(entry, ACCESS_NAMES, "token");
        } catch (RefusedException e) {
            throw new TokenException(TokenFault.ACCESS);
        }
        JsonNode actions = entry.path("actions");
        boolean sound = entry.path("type").isTextual()
                && entry.path("name").isTextual()
                && (actions.isArray() || actions.isNull());
        if (!sound) {
            throw new TokenException(TokenFault.ACCESS);
        }
    }

    private static boolean has(JsonNode entry, String action) {
        return StreamSupport.stream(entry.path("actions").spliterator(), false)
                .anyMatch(one -> action.equals(one.textValue()));
    }

    /** Whole seconds since 1970; absent when the claim is. */
    private static @Nullable Long seconds(JsonNode claim, TokenFault fault) throws TokenException {
        if (claim.isMissingNode()) {
            return null;
        }
        boolean whole = claim.isIntegralNumber() && claim.canConvertToLong();
        if (!whole || claim.longValue() < 0 || claim.longValue() > LAST_SECOND) {
            throw new TokenException(fault);
        }
        return claim.longValue();
    }
}
