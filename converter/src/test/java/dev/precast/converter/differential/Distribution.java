package dev.precast.converter.differential;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.DockerRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a real Distribution answers to an old client. */
final class Distribution {
    private static final Pattern PROTECTED = Pattern.compile("\"protected\": \"([A-Za-z0-9_-]+)\"");
    private static final Pattern FORMAT_LENGTH = Pattern.compile("\"formatLength\":(\\d+)");
    private static final Pattern FORMAT_TAIL = Pattern.compile("\"formatTail\":\"([A-Za-z0-9_-]+)\"");

    private Distribution() {}

    /**
     * One answer.
     *
     * @param payload what was signed; absent unless it is a schema 1 manifest
     * @param digest its {@code Docker-Content-Digest}; absent likewise
     * @param text for people, one line
     */
    record Answer(@Nullable Payload payload, @Nullable Digest digest, String text) {}

    /** The signed bytes. */
    static final class Payload {
        private final byte[] bytes;

        Payload(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /** Asks for a tag with no {@code Accept} at all. */
    static Answer ask(DockerRegistry registry, String repository, String tag) throws InterruptedException {
        HttpResponse<byte[]> response;
        try {
            response = registry.getManifest(repository, tag, List.of());
        } catch (IOException e) {
            return new Answer(null, null, "closes the connection without an answer");
        }
        String type = response.headers().firstValue("Content-Type").orElse("");
        if (response.statusCode() != 200) {
            return new Answer(null, null, response.statusCode() + " " + errorOf(response.body()));
        }
        if (!type.equals(MediaTypes.SCHEMA1_SIGNED)) {
            return new Answer(null, null, "200 with the stored " + type);
        }
        byte[] payload = payloadOf(response.body());
        Digest digest = Digest.parse(
                response.headers().firstValue("Docker-Content-Digest").orElseThrow());
        return new Answer(new Payload(payload), digest, "200 schema 1, " + payload.length + " bytes");
    }

    /** Cuts the payload out by the signature's own words, and trusts nothing of Precast for it. */
    private static byte[] payloadOf(byte[] signed) {
        int tail = Math.max(0, signed.length - 4096);
        String end = new String(signed, tail, signed.length - tail, StandardCharsets.ISO_8859_1);
        String header =
                new String(Base64.getUrlDecoder().decode(lastGroup(PROTECTED, end)), StandardCharsets.ISO_8859_1);
        int length = Integer.parseInt(lastGroup(FORMAT_LENGTH, header));
        byte[] formatTail = Base64.getUrlDecoder().decode(lastGroup(FORMAT_TAIL, header));
        byte[] payload = new byte[length + formatTail.length];
        System.arraycopy(signed, 0, payload, 0, length);
        System.arraycopy(formatTail, 0, payload, length, formatTail.length);
        return payload;
    }

    private static String lastGroup(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        String group = null;
        while (matcher.find()) {
            group = matcher.group(1);
        }
        if (group == null) {
            throw new IllegalStateException("No " + pattern + " in " + text);
        }
        return group;
    }

    private static String errorOf(byte[] body) {
        Matcher code = Pattern.compile("\"code\":\"(\\w+)\",\"message\":\"([^\"]*)\"")
                .matcher(new String(body, StandardCharsets.UTF_8));
        return code.find() ? code.group(1) + " " + code.group(2) : "";
    }
}
