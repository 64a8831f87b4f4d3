package dev.precast.testkit;

import static dev.precast.testkit.CorpusItems.names;
import static dev.precast.testkit.CorpusItems.utf8;
import static dev.precast.testkit.TestImageBuilder.config;
import static dev.precast.testkit.TestImageBuilder.history;
import static dev.precast.testkit.TestImageBuilder.rootfs;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.TestImage.Content;
import dev.precast.testkit.TestImageBuilder.Child;

/** Lists, indexes, and the types of configs and layers. */
final class ManifestCorpus {
    private final CorpusItems items;

    private ManifestCorpus(CorpusItems items) {
        this.items = items;
    }

    static void addTo(CorpusItems items) {
        ManifestCorpus corpus = new ManifestCorpus(items);
        corpus.lists();
        corpus.indexes();
        corpus.otherTypes();
    }

    private void lists() {
        items.item(
                "list",
                "manifest list of arm64 and amd64",
                image -> image.list(
                        MediaTypes.MANIFEST_LIST, child(image, "arm64", false), child(image, "amd64", false)));
        items.refused(
                "list-no-amd64",
                "manifest list of arm64 and s390x",
                RefusalReason.NO_SUITABLE_PLATFORM,
                image -> image.list(
                        MediaTypes.MANIFEST_LIST, child(image, "arm64", false), child(image, "s390x", false)));
        items.item("list-two-amd64", "windows/amd64, linux/amd64/v3, linux/amd64", image -> {
            Content windows = image.schema2(config(1), "windows");
            Content v3 = image.schema2(config(3), "v3-a", "v3-b", "v3-c");
            Content plain = image.schema2(config(2), "plain-a", "plain-b");
            image.list(
                    MediaTypes.MANIFEST_LIST,
                    image.child(windows, "windows", "amd64"),
                    new Child(v3, "{\"architecture\":\"amd64\",\"os\":\"linux\",\"variant\":\"v3\"}", ""),
                    image.child(plain, "linux", "amd64"));
        });
        items.item(
                "list-unknown-first",
                "an unknown/unknown entry before amd64",
                image -> image.list(
                        MediaTypes.MANIFEST_LIST,
                        image.child(image.schema2(config(1), "unknown"), "unknown", "unknown"),
                        child(image, "amd64", false)));
        items.item(
                "list-oci-child",
                "manifest list whose amd64 child is an OCI manifest",
                image -> image.list(
                        MediaTypes.MANIFEST_LIST, child(image, "amd64", true), child(image, "arm64", false)));
        items.refused(
                "list-nested",
                "manifest list whose amd64 entry is a manifest list",
                RefusalReason.NO_SUITABLE_PLATFORM,
                image -> image.list(
                        MediaTypes.MANIFEST_LIST,
                        image.child(
                                image.list(MediaTypes.MANIFEST_LIST, child(image, "amd64", false)), "linux", "amd64")));
    }

    private void indexes() {
        items.item(
                "index",
                "OCI index of amd64 and arm64",
                image -> image.list(MediaTypes.OCI_INDEX, child(image, "amd64", true), child(image, "arm64", true)));
        items.item("index-attestations", "OCI index with attestations", image -> {
            Child amd64 = child(image, "amd64", true);
            Content attestation = image.image(
                    MediaTypes.OCI_MANIFEST,
                    MediaTypes.OCI_CONFIG,
                    utf8("{\"architecture\":\"unknown\"}"),
                    "application/vnd.in-toto+json",
                    "statement");
            image.list(
                    MediaTypes.OCI_INDEX,
                    amd64,
                    child(image, "arm64", true),
                    new Child(
                            attestation,
                            "{\"architecture\":\"unknown\",\"os\":\"unknown\"}",
                            ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}"));
        });
        items.item(
                "index-schema2-children",
                "OCI index whose children are schema 2",
                image -> image.list(MediaTypes.OCI_INDEX, child(image, "amd64", false)));
        items.refused(
                "index-zstd",
                "OCI index whose amd64 child has zstd layers, arm64 gzip",
                RefusalReason.ZSTD_LAYER,
                image -> image.list(
                        MediaTypes.OCI_INDEX,
                        image.child(
                                image.image(
                                        MediaTypes.OCI_MANIFEST,
                                        MediaTypes.OCI_CONFIG,
                                        utf8(config(1)),
                                        MediaTypes.OCI_LAYER_ZSTD,
                                        "z"),
                                "linux",
                                "amd64"),
                        child(image, "arm64", true)));
    }

    private void otherTypes() {
        items.item("oci", "OCI manifest", image -> image.oci(config(5), names(5)));
        items.item(
                "oci-plain-layers",
                "OCI manifest with uncompressed layers",
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        utf8(config(2)),
                        MediaTypes.OCI_LAYER,
                        names(2)));
        items.refused(
                "oci-zstd",
                "OCI manifest with a zstd layer",
                RefusalReason.ZSTD_LAYER,
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        utf8(config(1)),
                        MediaTypes.OCI_LAYER_ZSTD,
                        "a"));
        items.refused(
                "oci-encrypted",
                "OCI manifest with an encrypted layer",
                RefusalReason.ENCRYPTED_LAYER,
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        utf8(config(1)),
                        MediaTypes.OCI_LAYER_GZIP + "+encrypted",
                        "a"));
        items.refused(
                "oci-artifact",
                "OCI manifest of an artifact",
                RefusalReason.NOT_AN_IMAGE,
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        "application/vnd.example.config+json",
                        utf8("{}"),
                        "application/vnd.example.data",
                        "a"));
        items.refused(
                "oci-signature",
                "OCI manifest of a signature, with an image config",
                RefusalReason.NOT_AN_IMAGE,
                image -> image.image(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        utf8(config(1)),
                        "application/vnd.dev.cosign.simplesigning.v1+json",
                        "a"));
        items.refused(
                "plugin",
                "a Docker plugin",
                RefusalReason.NOT_AN_IMAGE,
                image -> image.image(
                        MediaTypes.SCHEMA2,
                        "application/vnd.docker.plugin.v1+json",
                        utf8("{\"Description\":\"a plugin\",\"rootfs\":" + rootfs(1) + "}"),
                        MediaTypes.SCHEMA2_LAYER,
                        "a"));
        items.item(
                "config-octet-stream",
                "schema 2 of a very old engine",
                image -> image.image(
                        MediaTypes.SCHEMA2,
                        "application/octet-stream",
                        utf8(config(2)),
                        MediaTypes.SCHEMA2_LAYER,
                        names(2)));
        items.refused(
                "unsupported-layer",
                "schema 2 with a layer of an unknown type",
                RefusalReason.UNSUPPORTED_LAYER_TYPE,
                image -> image.image(
                        MediaTypes.SCHEMA2,
                        MediaTypes.SCHEMA2_CONFIG,
                        utf8(config(1)),
                        "application/vnd.example.layer",
                        "a"));
        items.refused(
                "foreign-layer",
                "Windows image with a foreign base layer",
                RefusalReason.FOREIGN_LAYER,
                image -> image.foreign(config(2).replace("linux", "windows"), "base", "app"));
    }

    private static Child child(TestImageBuilder image, String architecture, boolean oci) {
        String config = config(architecture, history(2), 2);
        String[] layers = {architecture + "-a", architecture + "-b"};
        return image.child(oci ? image.oci(config, layers) : image.schema2(config, layers), "linux", architecture);
    }
}
