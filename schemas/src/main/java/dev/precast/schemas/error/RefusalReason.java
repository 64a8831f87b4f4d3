package dev.precast.schemas.error;

/**
 * Why an image is not offered in an older format. The one table: code, sentence and next step; the documentation page is
 * made from it. A refusal never reaches a client as a wrong image: old clients get 404 {@code MANIFEST_UNKNOWN} with
 * {@code detail: {"reason": CODE, "message": ...}}.
 */
public enum RefusalReason {
    NO_SUITABLE_PLATFORM(
            "The list or index holds no image for a platform that this repository offers to old clients.",
            "Push an image for the default platform (linux/amd64), or name another with `precast repos enable PATTERN --platform os/arch`."),
    NOT_AN_IMAGE(
            "The manifest is not a container image (a chart, a plugin, a signature, an attestation or another artifact).",
            "Nothing to do: artifacts are served to the clients that understand them, unchanged."),
    FOREIGN_LAYER(
            "A layer is foreign (non-distributable) and the registry does not hold its bytes.",
            "Push the layer itself to the registry (for Docker: allow-nondistributable-artifacts), then push the tag again."),
    ZSTD_LAYER(
            "A layer is compressed with zstd, which old clients cannot unpack.",
            "Build the image with gzip layers (BuildKit: compression=gzip,force-compression=true)."),
    ENCRYPTED_LAYER("A layer is encrypted, which old clients cannot unpack.", "Push an unencrypted image."),
    UNSUPPORTED_LAYER_TYPE(
            "A layer has a media type that is neither a gzip-compressed nor a plain tar.",
            "Build the image with gzip-compressed tar layers."),
    EMPTY_HISTORY(
            "The image config has no history, so there is nothing to make schema 1 entries from.",
            "Build the image with a tool that writes history (docker build, buildah, kaniko and Jib do)."),
    HISTORY_LAYER_MISMATCH(
            "The number of non-empty history entries differs from the number of layers.",
            "Rebuild the image; its config does not describe its layers."),
    DIFF_ID_MISMATCH(
            "The number of diff IDs differs from the number of layers.",
            "Rebuild the image; its config does not describe its layers."),
    NO_ROOTFS("The image config has no rootfs.", "Rebuild the image; its config names no layers."),
    MALFORMED_CONFIG(
            "The image config is not what the format asks for.",
            "Rebuild the image with a tool that writes valid configs."),
    MALFORMED_MANIFEST("The manifest is not what its media type asks for.", "Rebuild and push the image again."),
    AMBIGUOUS_JSON(
            "Two readers could understand this JSON differently (duplicate or case-folding keys, or two kinds of manifest in one).",
            "Rebuild the image with a tool that writes each key once; do not trust the image until you know who made it."),
    NOT_UTF8("The bytes are not valid UTF-8.", "Rebuild the image with a tool that writes UTF-8."),
    TOO_LARGE(
            "The manifest or config exceeds the size or depth that is converted.",
            "Make the image config smaller (labels, history)."),
    DIGEST_MISMATCH(
            "The registry answered bytes whose digest is not the one that was asked for.",
            "Check the registry's storage; do not trust the image until the digests agree."),
    UNSUPPORTED_MEDIA_TYPE(
            "The manifest has a media type that is not converted.",
            "Nothing to do, unless the image was meant for old clients."),
    CONVERTER_FAULT(
            "Precast itself failed on this image; nothing is wrong with the image as far as is known.",
            "Report it with the output of `precast inspect REPOSITORY:TAG`; other clients and tags are not affected."),
    BLOB_MISSING("The registry does not hold a blob that the manifest names.", "Push the image again.");

    private final String sentence;
    private final String nextStep;

    RefusalReason(String sentence, String nextStep) {
        this.sentence = sentence;
        this.nextStep = nextStep;
    }

    /** What it means, one sentence. */
    public String sentence() {
        return sentence;
    }

    /** What the operator or the image's author can do next, one sentence. */
    public String nextStep() {
        return nextStep;
    }

    /** HTTP status of the answer to a client that could only have used the refused format. */
    public int httpStatus() {
        return 404;
    }
}
