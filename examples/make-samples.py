#!/usr/bin/env python3
"""Writes the sample images: an OCI image layout in the directory given, or in `samples` beside this script.

Standard library only. Every run writes the same bytes: times are fixed, gzip headers carry no time, keys keep their order.
"""

import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
import zlib

SCHEMA2 = "application/vnd.docker.distribution.manifest.v2+json"
SCHEMA2_CONFIG = "application/vnd.docker.container.image.v1+json"
SCHEMA2_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
IN_TOTO = "application/vnd.in-toto+json"
CREATED = "2024-02-29T12:00:00Z"


class Layout:
    """Collects blobs, and the entries of index.json."""

    def __init__(self, directory):
        self.directory = directory
        self.entries = []
        os.makedirs(os.path.join(directory, "blobs", "sha256"))

    def blob(self, media_type, content, **more):
        """Stores content; returns its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        with open(os.path.join(self.directory, "blobs", "sha256", digest), "wb") as file:
            file.write(content)
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": len(content), **more}

    def json(self, media_type, value, **more):
        return self.blob(media_type, json.dumps(value, indent=2).encode(), **more)

    def tag(self, descriptor, reference):
        annotations = {"org.opencontainers.image.ref.name": reference}
        self.entries.append({**descriptor, "annotations": annotations})

    def finish(self):
        self.write("oci-layout", {"imageLayoutVersion": "1.0.0"})
        self.write("index.json", {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": self.entries})

    def write(self, name, value):
        with open(os.path.join(self.directory, name), "w", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(value, indent=2) + "\n")


def tar(files):
    """A tar of {path: text}, in the order given."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entry.mode = 0o644
            entry.mtime = 0
            archive.addfile(entry, io.BytesIO(content))
        end = archive.offset
    # Two empty blocks end an archive; the padding to 10 KiB that follows them is of use to tapes only.
    return buffer.getvalue()[:end] + bytes(2 * tarfile.BLOCKSIZE)


def gzipped(content):
    """A gzip member (RFC 1952) of one stored block: zlib builds differ in what they make of the same bytes."""
    size = len(content)
    block = b"\x01" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + content
    check = zlib.crc32(content).to_bytes(4, "little") + size.to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block + check


def zstd(content):
    """A zstd frame of raw blocks (RFC 8878, section 3.1.1): single segment, no checksum, 4-byte content size."""
    frame = bytearray(b"\x28\xb5\x2f\xfd\xa0" + len(content).to_bytes(4, "little"))
    blocks = [content[i : i + 65536] for i in range(0, len(content), 65536)]
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        frame += (len(block) << 3 | last).to_bytes(3, "little") + block
    return bytes(frame)


def diff_id(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def config(architecture, tars, history, **more):
    return {
        "created": CREATED,
        "architecture": architecture,
        "os": "linux",
        "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], **more},
        "rootfs": {"type": "layers", "diff_ids": [diff_id(content) for content in tars]},
        "history": history,
    }


def step(created_by, **more):
    return {"created": CREATED, "created_by": created_by, **more}


def hello(layout):
    """Schema 2, two layers."""
    tars = [tar({"hello.txt": "Hello from schema 2.\n"}), tar({"etc/motd": "Served to clients of every age.\n"})]
    history = [step("ADD hello.txt /"), step("ADD motd /etc/")]
    image = config("amd64", tars, history, Cmd=["cat", "/hello.txt"])
    manifest = {
        "schemaVersion": 2,
        "mediaType": SCHEMA2,
        "config": layout.json(SCHEMA2_CONFIG, image),
        "layers": [layout.blob(SCHEMA2_LAYER, gzipped(content)) for content in tars],
    }
    layout.tag(layout.json(SCHEMA2, manifest), "library/hello:v1")


def oci_manifest(layout, image, layers):
    return {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": layout.json(OCI_CONFIG, image),
        "layers": layers,
    }


def app(layout):
    """OCI index of two platforms, with the attestation entry that BuildKit adds for each image."""
    entries = []
    for architecture in ("amd64", "arm64"):
        content = tar({"app.txt": "The app, built for linux/" + architecture + ".\n"})
        image = config(architecture, [content], [step("COPY app.txt /")], Cmd=["cat", "/app.txt"])
        manifest = oci_manifest(layout, image, [layout.blob(OCI_LAYER, gzipped(content))])
        entries.append(
            layout.json(OCI_MANIFEST, manifest, platform={"architecture": architecture, "os": "linux"})
        )
    entries.append(attestation(layout, entries[0]["digest"]))
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    layout.tag(layout.json(OCI_INDEX, index), "team/app:1.0")


def attestation(layout, subject):
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{"name": "team/app", "digest": {"sha256": subject[len("sha256:") :]}}],
        "predicate": {"builder": {"id": "examples/make-samples.py"}},
    }
    content = json.dumps(statement, indent=2).encode()
    image = {
        "architecture": "unknown",
        "os": "unknown",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [diff_id(content)]},
    }
    layer = layout.blob(IN_TOTO, content, annotations={"in-toto.io/predicate-type": statement["predicateType"]})
    return layout.json(
        OCI_MANIFEST,
        oci_manifest(layout, image, [layer]),
        annotations={
            "vnd.docker.reference.digest": subject,
            "vnd.docker.reference.type": "attestation-manifest",
        },
        platform={"architecture": "unknown", "os": "unknown"},
    )


def deep(layout):
    """OCI, with steps that made no layer before, between and after those that did."""
    tars = [tar({f"layer-{number}.txt": f"Layer {number} of 3.\n"}) for number in (1, 2, 3)]
    history = [
        step("ARG RELEASE", empty_layer=True),
        step("ADD layer-1.txt /"),
        step("ENV GREETING=hello", empty_layer=True),
        step("LABEL org.opencontainers.image.title=deep", empty_layer=True),
        step("ADD layer-2.txt /", comment="second"),
        step("WORKDIR /", empty_layer=True),
        step("ADD layer-3.txt /", author="Precast <samples@precast.dev>"),
        step('CMD ["cat" "/layer-1.txt"]', empty_layer=True),
    ]
    image = config(
        "amd64", tars, history, Cmd=["cat", "/layer-1.txt"], Labels={"org.opencontainers.image.title": "deep"}
    )
    layers = [layout.blob(OCI_LAYER, gzipped(content)) for content in tars]
    layout.tag(layout.json(OCI_MANIFEST, oci_manifest(layout, image, layers)), "org/team/deep:latest")


def refused(layout):
    """OCI with a zstd layer: old clients could not unpack it, so it is refused with a reason."""
    content = tar({"zstd.txt": "Only newer clients can unpack this.\n"})
    image = config("amd64", [content], [step("ADD zstd.txt /")], Cmd=["cat", "/zstd.txt"])
    manifest = oci_manifest(layout, image, [layout.blob(OCI_LAYER_ZSTD, zstd(content))])
    layout.tag(layout.json(OCI_MANIFEST, manifest), "samples/zstd:latest")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "samples")
    if os.path.exists(directory):
        if not os.path.exists(os.path.join(directory, "oci-layout")):
            sys.exit(f"Cannot write {directory}: it exists and is no OCI image layout. Name another directory.")
        shutil.rmtree(directory)
    layout = Layout(directory)
    hello(layout)
    app(layout)
    deep(layout)
    refused(layout)
    layout.finish()


if __name__ == "__main__":
    main()
