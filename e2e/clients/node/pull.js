'use strict';

/*
 * Pulls one image the way a client of 2015 did, with the npm package docker-registry-client, and checks what such a client
 * lives on. Getting a manifest through that package already means: the digest in Docker-Content-Digest is the one of the
 * signed payload, and every JWS signature holds.
 *
 *   node pull.js HOST:PORT REPOSITORY TAG [--tag-only]
 *
 * --tag-only leaves out the pull by digest, for a registry that converts on the fly and keeps nothing.
 * Prints one JSON object: {"ok":true,"digest":…,"algorithms":[…],"ids":[…],"blobs":[…]} and ends with 0, or
 * {"ok":false,"step":…,"error":…,"message":…} and ends with 1.
 */

const { createHash } = require('node:crypto');
const registryClient = require('docker-registry-client');

const SIGNED_SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

const [address, repository, tag, ...options] = process.argv.slice(2);
if (!tag || options.some((option) => option !== '--tag-only')) {
    process.stderr.write('usage: node pull.js HOST:PORT REPOSITORY TAG [--tag-only]\n');
    process.exit(2);
}

let step = 'start';

function finish(report) {
    process.stdout.write(JSON.stringify(report) + '\n', () => process.exit(report.ok ? 0 : 1));
}

function refuse(error) {
    finish({ ok: false, step, error: error.name || 'Error', message: String(error.message || error) });
}

// The package throws some of its refusals from inside a callback of the HTTP client.
process.on('uncaughtException', refuse);

function expect(holds, sentence) {
    if (!holds) {
        throw new Error(sentence);
    }
}

/** One call of the package as a promise of the arguments that its callback got after the error. */
function call(client, method, ...args) {
    return new Promise((resolve, reject) => {
        client[method](...args, (error, ...results) => (error ? reject(error) : resolve(results)));
    });
}

async function pullManifest(client, reference) {
    const [manifest, response, text] = await call(client, 'getManifest', { ref: reference, maxSchemaVersion: 1 });
    return { manifest, text, headers: response.headers };
}

async function pullBlob(client, digest) {
    const [stream] = await call(client, 'createBlobReadStream', { digest });
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of stream) {
        hash.update(chunk);
        size += chunk.length;
    }
    expect('sha256:' + hash.digest('hex') === digest, `the bytes of blob ${digest} have another digest`);
    expect(Number(stream.headers['content-length']) === size, `blob ${digest} came without its Content-Length`);
    const [chain] = await call(client, 'headBlob', { digest });
    const head = Array.isArray(chain) ? chain[chain.length - 1] : chain;
    expect(head.statusCode === 200, `HEAD of blob ${digest} answered ${head.statusCode}`);
    expect(Number(head.headers['content-length']) === size, `HEAD of blob ${digest} has another Content-Length`);
    return { digest, size };
}

/** Docker 1.8 to 18.09 refuse an image whose entries do not hang together (moby v1.9.1 graph/pull_v2.go fixManifestLayers). */
function checkChain(entries) {
    entries.forEach((entry, index) => {
        expect(/^[0-9a-f]{64}$/.test(entry.id), `history entry ${index} has the id ${entry.id}`);
        const below = entries[index + 1];
        expect(
            below ? entry.parent === below.id : entry.parent === undefined,
            `history entry ${index} has the parent ${entry.parent}, not the id of the entry below`);
    });
    expect(new Set(entries.map((entry) => entry.id)).size === entries.length, 'two history entries have the same id');
}

function checkManifest({ manifest, headers }) {
    const type = String(headers['content-type']).split(';')[0];
    expect(type === SIGNED_SCHEMA1, `the manifest came as ${type}`);
    expect(manifest.schemaVersion === 1, `schemaVersion is ${manifest.schemaVersion}`);
    expect(manifest.name === repository, `the manifest is of ${manifest.name}`);
    expect(manifest.tag === tag, `the manifest is of the tag ${manifest.tag}`);
    expect(manifest.signatures.length > 0, 'the manifest has no signature');
    expect(manifest.fsLayers.length === manifest.history.length, 'fsLayers and history differ in length');
}

async function pull(client) {
    step = 'ping';
    const [supported] = await call(client, 'supportsV2');
    expect(supported, 'GET /v2/ is not answered as a registry does');

    step = 'tags';
    const [tags] = await call(client, 'listTags');
    expect(tags.name === repository && tags.tags.includes(tag), 'tags/list does not name the repository and its tag');

    step = 'manifest by tag';
    const byTag = await pullManifest(client, tag);
    checkManifest(byTag);
    const entries = byTag.manifest.history.map((entry) => JSON.parse(entry.v1Compatibility));
    checkChain(entries);
    const digest = byTag.headers['docker-content-digest'];

    step = 'blobs';
    const blobs = [];
    for (const blobSum of new Set(byTag.manifest.fsLayers.map((layer) => layer.blobSum))) {
        blobs.push(await pullBlob(client, blobSum));
    }

    if (!options.includes('--tag-only')) {
        step = 'manifest by digest';
        const byDigest = await pullManifest(client, digest);
        expect(byDigest.text === byTag.text, 'the manifest by digest has other bytes than by tag');
        expect(byDigest.headers['docker-content-digest'] === digest, 'the manifest by digest has another digest');
    }
    return {
        ok: true,
        digest,
        algorithms: byTag.manifest.signatures.map((signature) => signature.header.alg),
        ids: entries.map((entry) => entry.id),
        blobs,
    };
}

const client = registryClient.createClientV2({
    repo: registryClient.parseRepoAndRef(`${address}/${repository}:${tag}`),
    insecure: true,
    scheme: 'http',
});
pull(client).then(finish, refuse);
