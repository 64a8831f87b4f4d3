#!/bin/bash
# Records what Docker Distribution 2.8 (Debian: docker-registry) answers to an old client, once per key in keys/.
# usage: make-by-docker-registry.sh [PORT]      needs: docker-registry curl python3
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); port=${1:-5690}
url=http://127.0.0.1:$port/v2/team/greeting; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
push_blob() { # FILE DIGEST
  local location
  location=$(curl -sf -D - -o /dev/null -X POST "$url/blobs/uploads/" | tr -d '\r' | awk 'tolower($1)=="location:"{print $2}')
  curl -sf -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$location&digest=$2"
}
python3 - "$work" <<'PY'
import gzip, hashlib, io, json, sys, tarfile
work = sys.argv[1]
def sha(b): return 'sha256:' + hashlib.sha256(b).hexdigest()
def tar(name, text):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        info = tarfile.TarInfo(name); info.size = len(text); t.addfile(info, io.BytesIO(text))
    return out.getvalue()
plain = [tar('a', b'one\n'), tar('b', 'grüße\n'.encode())]
layers = [gzip.compress(p, mtime=0) for p in plain]
config = json.dumps({'architecture': 'amd64', 'os': 'linux', 'config': {'Cmd': ['/a'], 'Labels': {'who': 'Jürgen <j@x.y> & 日本'}},
    'rootfs': {'type': 'layers', 'diff_ids': [sha(p) for p in plain]},
    'history': [{'created': '2026-01-02T03:04:05Z', 'created_by': 'ADD a'}, {'created': '2026-01-02T03:04:06Z', 'created_by': 'ENV x=é', 'empty_layer': True},
                {'created': '2026-01-02T03:04:07Z', 'created_by': 'ADD b'}]}, ensure_ascii=False).encode()
blobs = layers + [config]
manifest = {'schemaVersion': 2, 'mediaType': 'application/vnd.docker.distribution.manifest.v2+json',
    'config': {'mediaType': 'application/vnd.docker.container.image.v1+json', 'size': len(config), 'digest': sha(config)},
    'layers': [{'mediaType': 'application/vnd.docker.image.rootfs.diff.tar.gzip', 'size': len(l), 'digest': sha(l)} for l in layers]}
for b in blobs: open(work + '/' + sha(b)[7:] + '.blob', 'wb').write(b)
json.dump(manifest, open(work + '/manifest.json', 'w'))
PY
for key in "$here"/keys/*; do
  name=$(basename "$key"); name=${name%.*}
  cat >"$work/registry.yml" <<Y
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: "$work/data"}}
http: {addr: "127.0.0.1:$port", relativeurls: false}
compatibility: {schema1: {enabled: true, signingkeyfile: "$key"}}
Y
  docker-registry serve "$work/registry.yml" >"$work/log" 2>&1 & pid=$!
  for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/v2/" && break; sleep 0.05; done
  if kill -0 $pid 2>/dev/null; then
    for b in "$work"/*.blob; do push_blob "$b" "sha256:$(basename "$b" .blob)"; done
    curl -sf -o /dev/null -X PUT -H 'Content-Type: application/vnd.docker.distribution.manifest.v2+json' --data-binary "@$work/manifest.json" "$url/manifests/v1"
    curl -sf -o "$here/by-docker-registry/$name.json" -D "$work/headers" -H 'Accept:' "$url/manifests/v1"
    echo "$name: $(tr -d '\r' <"$work/headers" | awk 'tolower($1)=="docker-content-digest:"{print $2}')"
    kill $pid; wait $pid || true
  else
    echo "$name: refused: $(tail -1 "$work/log")"
  fi
done
