package dev.precast.serving.auth;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * What a caller presents.
 *
 * @param header the Authorization header as sent; empty for an anonymous caller
 */
public record Credential(Optional<String> header) {
    public static final Credential ANONYMOUS = new Credential(Optional.empty());

    /** A user name and a password as sent. Never printed. */
    public record Basic(String user, String password) {
        @Override
        public String toString() {
            return "Basic[…]";
        }
    }

    /** The user and password of an {@code Authorization: Basic} (RFC 7617, UTF-8); empty when it is anything else. */
    public Optional<Basic> basic() {
        return parameter("basic").flatMap(Credential::decode);
    }

    /** The token of an {@code Authorization: Bearer} (RFC 6750), unchecked; empty when it is anything else. */
    public Optional<String> bearer() {
        return parameter("bearer");
    }

    private Optional<String> parameter(String scheme) {
        return header.filter(text ->
                        text.length() > scheme.length() && text.regionMatches(true, 0, scheme, 0, scheme.length()))
                .filter(text -> text.charAt(scheme.length()) == ' ')
                .map(text -> text.substring(scheme.length()).strip());
    }

    private static Optional<Basic> decode(String base64) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getDecoder().decode(base64)))
                    .toString();
            int colon = text.indexOf(':');
            boolean control = text.chars().anyMatch(Character::isISOControl);
            return colon < 0 || control
                    ? Optional.empty()
                    : Optional.of(new Basic(text.substring(0, colon), text.substring(colon + 1)));
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return header.isPresent() ? "Credential[…]" : "Credential[anonymous]";
    }
}
