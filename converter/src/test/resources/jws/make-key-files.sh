#!/bin/bash
# Writes the keys of keys/ in every other form (same-keys/), and keys that must be refused (refused-keys/). Needs: openssl ssh-keygen
set -euo pipefail
cd "$(dirname "$0")"; mkdir -p same-keys refused-keys; r=refused-keys
for k in ec-p256.sec1 ec-p384.sec1 ec-p521.sec1 rsa-2048.pkcs1; do
  openssl pkcs8 -topk8 -nocrypt -in keys/$k.pem -out same-keys/$k.as-pkcs8.pem
  openssl pkey -in keys/$k.pem -pubout -out same-keys/$k.as-public.pem
  openssl req -new -x509 -key keys/$k.pem -subj /CN=test -days 36500 -out same-keys/$k.as-certificate.pem
done
openssl rsa -in keys/rsa-2048.pkcs1.pem -RSAPublicKey_out -out same-keys/rsa-2048.pkcs1.as-pkcs1-public.pem 2>/dev/null
openssl ec -in keys/ec-p256.sec1.pem -no_public -out same-keys/ec-p256.sec1.as-sec1-without-public.pem 2>/dev/null
{ openssl ecparam -name prime256v1; cat keys/ec-p256.sec1.pem; } >same-keys/ec-p256.sec1.as-sec1-after-parameters.pem

openssl genrsa -traditional -out $r/rsa-1024.pem 1024 2>/dev/null
openssl genrsa -traditional -3 -out $r/rsa-exponent-3.pem 2048 2>/dev/null
openssl ecparam -name secp256k1 -genkey -noout -out $r/curve-secp256k1.pem
openssl ecparam -name prime256v1 -param_enc explicit -genkey -noout -out $r/curve-explicit.pem
openssl genpkey -algorithm ed25519 -out $r/ed25519.pem
openssl ec -in keys/ec-p256.sec1.pem -aes128 -passout pass:test -out $r/encrypted-sec1.pem 2>/dev/null
openssl pkcs8 -topk8 -passout pass:test -in keys/ec-p256.sec1.pem -out $r/encrypted-pkcs8.pem
openssl pkey -in keys/ec-p256.sec1.pem -pubout -out $r/public-only.pem
head -c 120 keys/ec-p256.sec1.pem >$r/truncated.pem
cat keys/ec-p256.sec1.pem keys/rsa-2048.pkcs1.pem >$r/two-keys.pem
cp keys/rsa-2048.pkcs1.pem $r/openssh.pem; chmod 600 $r/openssh.pem; ssh-keygen -q -p -N '' -f $r/openssh.pem >/dev/null; chmod 644 $r/openssh.pem
: >$r/empty.pem
echo 'not a key' >$r/neither-pem-nor-json.txt
echo '{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I"}' >$r/symmetric.json
echo '{"keys":[]}' >$r/empty-set.json
python3 - <<'PY'
import json
key = json.load(open('keys/ec-p256.docker-key.json'))
other = json.load(open('same-keys/ec-p256.as-jwk.json'))
write = lambda name, value: json.dump(value, open('refused-keys/' + name + '.json', 'w'))
write('halves-of-two-keys', dict(key, d=other['d']))
write('point-off-curve', dict(key, x=other['x']))
write('curve-missing', {k: v for k, v in key.items() if k != 'crv'})
write('public-only', {k: v for k, v in key.items() if k != 'd'})
write('number-zero', dict(key, d='A' * 43))
PY
