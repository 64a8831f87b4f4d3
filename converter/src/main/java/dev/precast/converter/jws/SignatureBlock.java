package dev.precast.converter.jws;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Writes the {@code signatures} member as Go's {@code json.MarshalIndent} does, with the payload's own indentation, or compact
 * when the payload has none (libtrust {@code jsonsign.go}, detectJSONIndent and PrettySignature). No value needs escaping.
 */
final class SignatureBlock {
    /**
     * One signature.
     *
     * @param jwk members by name
     * @param signature base64url
     * @param protectedHeader base64url
     */
    record Entry(Map<String, String> jwk, String algorithm, String signature, String protectedHeader) {
        String keyId() {
            return jwk.getOrDefault("kid", "");
        }
    }

    private final StringBuilder out = new StringBuilder(1024);
    private final String indent;

    private SignatureBlock(String indent) {
        this.indent = indent;
    }

    /** The payload up to {@code formatLength}, the member, and the closing brace. */
    static byte[] append(byte[] payload, int formatLength, List<Entry> entries) {
        SignatureBlock block = new SignatureBlock(indent(payload));
        block.write(entries);
        byte[] text = block.out.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] signed = Arrays.copyOf(payload, formatLength + text.length);
        System.arraycopy(text, 0, signed, formatLength, text.length);
        return signed;
    }

    /** What stands between the first line break and the first quote; empty when the payload does not start with a break. */
    private static String indent(byte[] payload) {
        if (payload.length <= 2 || payload[0] != '{' || payload[1] != '\n') {
            return "";
        }
        int quote = 2;
        while (quote < payload.length && payload[quote] != '"') {
            quote++;
        }
        return quote == payload.length ? "" : new String(payload, 2, quote - 2, StandardCharsets.ISO_8859_1);
    }

    private void write(List<Entry> entries) {
        out.append(',');
        line(1);
        name("signatures");
        out.append('[');
        for (Iterator<Entry> rest = entries.iterator(); rest.hasNext(); ) {
            line(2);
            write(rest.next());
            out.append(rest.hasNext() ? "," : "");
        }
        line(1);
        out.append(']');
        line(0);
        out.append('}');
    }

    private void write(Entry entry) {
        out.append('{');
        line(3);
        name("header");
        out.append('{');
        line(4);
        name("jwk");
        out.append('{');
        for (Iterator<Map.Entry<String, String>> members =
                        entry.jwk().entrySet().iterator();
                members.hasNext(); ) {
            Map.Entry<String, String> member = members.next();
            member(5, member.getKey(), member.getValue());
            out.append(members.hasNext() ? "," : "");
        }
        line(4);
        out.append("},");
        member(4, "alg", entry.algorithm());
        line(3);
        out.append("},");
        member(3, "signature", entry.signature());
        out.append(',');
        member(3, "protected", entry.protectedHeader());
        line(2);
        out.append('}');
    }

    private void member(int depth, String name, String value) {
        line(depth);
        name(name);
        out.append('"').append(value).append('"');
    }

    private void name(String name) {
        out.append('"').append(name).append(indent.isEmpty() ? "\":" : "\": ");
    }

    private void line(int depth) {
        if (!indent.isEmpty()) {
            out.append('\n').append(indent.repeat(depth));
        }
    }
}
