package dev.precast.serving.routes;

import java.util.Base64;

/**
 * The gzipped empty tar, 32 bytes, that schema 1 names wherever an image has no layer of its own. No upstream has it: it came
 * into being in Distribution 2.8 with the conversion (emptyTar in {@code manifest/schema1/config_builder.go} at v2.8.3).
 */
final class EmptyLayer {
    private static final byte[] CONTENT = Base64.getDecoder().decode("H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=");

    private EmptyLayer() {}

    /** The caller's own copy; its digest is {@link dev.precast.schemas.image.Digest#EMPTY_LAYER}. */
    static byte[] content() {
        return CONTENT.clone();
    }
}
