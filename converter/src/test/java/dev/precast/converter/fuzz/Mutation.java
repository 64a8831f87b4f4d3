package dev.precast.converter.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Seeded changes to bytes: flipped bits, cut and repeated pieces, and pieces of JSON that readers disagree about. */
final class Mutation {
    private static final List<byte[]> PIECES = List.of(
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"",
                    "\\",
                    "null",
                    "true",
                    "false",
                    "0",
                    "-1",
                    "1e999999999",
                    "1.50e3",
                    " ",
                    "\n",
                    "\"\"",
                    "[]",
                    "{}",
                    "\"layers\":[],",
                    "\"LAYERS\":[],",
                    "\"manifests\":[],",
                    "\"fsLayers\":[],",
                    "\"history\":[{}],",
                    "\"hi\u017Ftory\":[],",
                    "\"History\":null,",
                    "\"rootfs\":{},",
                    "\"rootf\\u0073\":null,",
                    "\"diff_ids\":[],",
                    "\"created\":\"2020-01-01T1:00:00,5+01:60\",",
                    "\"created\":null,",
                    "\"empty_layer\":true,",
                    "\"Empty_Layer\":true,",
                    "\"created_by\":\"<&>\\b\\ud800\",",
                    "\"architecture\":\"386\",",
                    "\"x\":1,\"x\":2,",
                    "\"throwaway\":true,",
                    "\"id\":1,",
                    "\"parent\":\"p\",",
                    "\"mediaType\":\"text/plain\",",
                    "\"size\":-5,",
                    "\"urls\":[\"http://x\"],",
                    "\"annotations\":{\"a\":\"b\"},",
                    "\uFEFF",
                    "\u2028",
                    "\uD83D\uDE00",
                    "\\u0000",
                    "\\ud800",
                    "\u212A",
                    "[".repeat(70),
                    "[".repeat(20_000),
                    "9".repeat(5000),
                    "application/vnd.oci.image.layer.v1.tar+zstd",
                    "+encrypted",
                    "unknown",
                    "sha512:",
                    "base_layer")
            .stream()
            .map(piece -> piece.getBytes(StandardCharsets.UTF_8))
            .toList();

    private Mutation() {}

    /** {@code original} after one to four changes. */
    static byte[] of(byte[] original, Random random) {
        byte[] bytes = original;
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            bytes = change(bytes, random);
        }
        return bytes;
    }

    private static byte[] change(byte[] bytes, Random random) {
        int from = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, from + random.nextInt(random.nextBoolean() ? 8 : 200));
        byte[] cut = Arrays.copyOfRange(bytes, from, to);
        return switch (random.nextInt(8)) {
            case 0 -> splice(bytes, from, to, new byte[0]);
            case 1 -> splice(bytes, to, to, cut);
            case 2 -> splice(bytes, from, Math.min(bytes.length, from + 1), new byte[] {(byte) random.nextInt(256)});
            case 3 -> splice(bytes, from, from, new byte[] {(byte) random.nextInt(256)});
            // After a brace or comma a member fits.
            case 4, 5, 6 -> {
                int at = afterSeparator(bytes, from);
                yield splice(bytes, at, at, PIECES.get(random.nextInt(PIECES.size())));
            }
            default -> splice(bytes, from, to, PIECES.get(random.nextInt(PIECES.size())));
        };
    }

    private static int afterSeparator(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '{' || bytes[i] == ',' || bytes[i] == '[') {
                return i + 1;
            }
        }
        return from;
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] replacement) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        out.writeBytes(replacement);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
