#!/usr/bin/env python3
"""Makes by-defect/: manifests that a verifier must not take for sound, each with the one defect that its name says, from what
docker-registry signed (by-docker-registry/), and unusual/: valid ones that nobody makes today. Needs: python3-cryptography."""
import base64, hashlib, hmac, json, os, re
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

os.chdir(os.path.dirname(os.path.abspath(__file__)))
os.makedirs('by-defect', exist_ok=True)
os.makedirs('unusual', exist_ok=True)
GOOD = open('by-docker-registry/ec-p256.sec1.json', encoding='utf-8').read()
RSA_GOOD = open('by-docker-registry/rsa-2048.pkcs1.json', encoding='utf-8').read()
DOC, RSA_DOC = json.loads(GOOD), json.loads(RSA_GOOD)
ENTRY, RSA_ENTRY = DOC['signatures'][0], RSA_DOC['signatures'][0]


def enc(b): return base64.urlsafe_b64encode(b).rstrip(b'=').decode()
def dec(s): return base64.urlsafe_b64decode(s + '=' * (-len(s) % 4))
HEAD = json.loads(dec(ENTRY['protected']))
PREFIX = GOOD.encode()[:HEAD['formatLength']]
PAYLOAD = PREFIX + dec(HEAD['formatTail'])


def key(name): return serialization.load_pem_private_key(open(name, 'rb').read(), None)
def raw(k, data, hash=hashes.SHA256(), size=32):
    r, s = utils.decode_dss_signature(k.sign(data, ec.ECDSA(hash)))
    return r.to_bytes(size, 'big') + s.to_bytes(size, 'big')
def kid(public):
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    s = base64.b32encode(hashlib.sha256(der).digest()[:30]).decode()
    return ':'.join(s[i:i + 4] for i in range(0, 48, 4))
def entry(jwk=None, alg=None, signature=None, protected=None, base=ENTRY):
    e = json.loads(json.dumps(base))
    if jwk is not None: e['header']['jwk'] = jwk
    if alg is not None: e['header']['alg'] = alg
    if signature is not None: e['signature'] = signature
    if protected is not None: e['protected'] = protected
    return e
def document(*entries, prefix=PREFIX):
    return prefix + b',\n   "signatures": ' + json.dumps(list(entries)).encode() + b'\n}'
def protected(**changes): return enc(json.dumps({**HEAD, **changes}, separators=(',', ':')).encode())
def write(name, content, folder='by-defect'):
    open(f'{folder}/{name}.json', 'wb').write(content if isinstance(content, bytes) else content.encode())
def flip(s, bit=0):
    b = bytearray(dec(s)); b[bit // 8] ^= 1 << bit % 8; return enc(bytes(b))


P256, RSA = key('keys/ec-p256.sec1.pem'), key('keys/rsa-2048.pkcs1.pem')
OTHER = key('keys/ec-p256.libtrust.pem')
INPUT = ENTRY['protected'].encode() + b'.' + enc(PAYLOAD).encode()
other = OTHER.public_key().public_numbers()
OTHER_JWK = {'crv': 'P-256', 'kid': kid(OTHER.public_key()), 'kty': 'EC', 'x': enc(other.x.to_bytes(32, 'big')), 'y': enc(other.y.to_bytes(32, 'big'))}
JWK, RSA_JWK = ENTRY['header']['jwk'], RSA_ENTRY['header']['jwk']
PEM = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
RSA_INPUT = RSA_ENTRY['protected'].encode() + b'.' + enc(PAYLOAD).encode()

# What the signature covers, or the signature itself, was changed.
write('signature-bit', document(entry(signature=flip(ENTRY['signature'], 77))))
write('signature-bit-rsa', document(entry(signature=flip(RSA_ENTRY['signature'], 77), base=RSA_ENTRY)))
write('signature-all-zero', document(entry(signature=enc(bytes(64)))))
write('signature-empty', document(entry(signature='')))
write('signature-as-der', document(entry(signature=enc(P256.sign(INPUT, ec.ECDSA(hashes.SHA256()))))))
write('signature-with-a-byte-more', document(entry(signature=enc(dec(ENTRY['signature']) + b'\0'))))
write('signature-not-base64url', document(entry(signature=ENTRY['signature'] + '!')))
write('payload-changed', GOOD.replace('"tag": "v1"', '"tag": "v2"'))
write('payload-layer-changed', re.sub(r'"blobSum": "sha256:(.)', '"blobSum": "sha256:' + 'f', GOOD, count=1))
write('payload-spaces-changed', GOOD.replace('"schemaVersion": 1', '"schemaVersion":  1'))
write('time-changed', document(entry(protected=protected(time='2000-01-01T00:00:00Z'))))
write('second-signature-bad', document(ENTRY, entry(jwk=OTHER_JWK)))

# The key is not what it says, or not one to use.
write('kid-of-another-key', document(entry(jwk=dict(JWK, kid=OTHER_JWK['kid']))))
write('kid-of-the-trusted-key-on-another-key', document(entry(jwk=dict(OTHER_JWK, kid=JWK['kid']), signature=enc(raw(OTHER, INPUT)))))
write('key-missing', document(dict(ENTRY, header={'alg': 'ES256'})))
write('key-only-as-certificate-chain', document(dict(ENTRY, header={'alg': 'ES256', 'x5c': ['MIIB']})))
write('key-beside-certificate-chain', document(dict(ENTRY, header=dict(ENTRY['header'], x5c=['MIIB']))))
write('key-off-the-curve', document(entry(jwk=dict(JWK, x=OTHER_JWK['x']))))
write('key-with-short-coordinate', document(entry(jwk=dict(JWK, x=enc(dec(JWK['x'])[1:])))))
write('key-with-padded-coordinate', document(entry(jwk=dict(JWK, x=enc(b'\0' + dec(JWK['x']))))))
write('key-on-secp256k1', document(entry(jwk=dict(JWK, crv='secp256k1'))))
write('key-symmetric', document(entry(jwk={'kty': 'oct', 'k': 'c2VjcmV0'}, alg='HS256')))
write('key-not-an-object', document(entry(jwk='key')))
weak = key('refused-keys/rsa-1024.pem'); n = weak.public_key().public_numbers()
write('key-rsa-1024', document(entry(jwk={'e': 'AQAB', 'kid': kid(weak.public_key()), 'kty': 'RSA', 'n': enc(n.n.to_bytes(128, 'big'))},
      signature=enc(weak.sign(RSA_INPUT, padding.PKCS1v15(), hashes.SHA256())), base=RSA_ENTRY)))
write('key-rsa-modulus-huge', document(entry(jwk=dict(RSA_JWK, n=enc(b'\xff' * 40000)), base=RSA_ENTRY)))
write('key-rsa-exponent-one', document(entry(jwk={k: v for k, v in dict(RSA_JWK, e='AQ').items() if k != 'kid'}, base=RSA_ENTRY)))

# The algorithm does not belong to the key.
write('alg-none', document(entry(alg='none', signature='')))
write('alg-missing', document(dict(ENTRY, header={'jwk': JWK})))
write('alg-hs256-keyed-with-the-public-key', document(entry(alg='HS256', signature=enc(hmac.new(PEM, RSA_INPUT, 'sha256').digest()), base=RSA_ENTRY)))
write('alg-es384-on-p256', document(entry(alg='ES384', signature=enc(raw(P256, INPUT, hashes.SHA384())))))
write('alg-es256-on-rsa', document(entry(alg='ES256', base=RSA_ENTRY)))
write('alg-rs256-on-p256', document(entry(alg='RS256')))
write('alg-ps256', document(entry(alg='PS256', signature=enc(RSA.sign(RSA_INPUT, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())), base=RSA_ENTRY)))
write('alg-not-a-string', document(entry(alg=['ES256'])))

# The signatures do not say one thing about the payload.
write('format-length-disagrees', document(ENTRY, entry(protected=protected(formatLength=HEAD['formatLength'] - 1))))
write('format-tail-disagrees', document(ENTRY, entry(protected=protected(formatTail=enc(b'\n }')))))
write('format-length-negative', document(entry(protected=protected(formatLength=-1))))
write('format-length-zero', document(entry(protected=protected(formatLength=0))))
write('format-length-huge', document(entry(protected=protected(formatLength=2**31 - 1))))
write('format-length-fraction', document(entry(protected=protected(formatLength=1.5))))
write('format-length-missing', document(entry(protected=enc(b'{"formatTail":"Cn0"}'))))
write('format-tail-with-a-member', document(entry(protected=protected(formatTail=enc(b',"x":1}')))))
write('protected-not-json', document(entry(protected=enc(b'no'))))
write('protected-missing', document({k: v for k, v in ENTRY.items() if k != 'protected'}))
write('signatures-empty', document())
write('signatures-null', PREFIX + b',\n   "signatures": null\n}')
write('signatures-twice', GOOD.rstrip()[:-1] + ',"signatures":[]}')
write('signatures-of-other-case', GOOD.rstrip()[:-1] + ',"Signatures":[]}')
write('truncated', GOOD.encode()[:len(GOOD) // 2])
write('truncated-in-signatures', GOOD.encode()[:-40])
write('trailing-data', GOOD + '{}')
write('byte-order-mark', '\ufeff' + GOOD)
write('not-an-object', '[]')
write('empty', '')

# The signature holds, but readers of the document see more than was signed (CVE-2014-8179).
write('extra-member-after-signatures', GOOD.rstrip()[:-1].rstrip() + ',\n   "extra": 1\n}')
write('extra-member-before-signatures', PREFIX + b',"extra":1' + GOOD.encode()[len(PREFIX):])
write('extra-layers-after-signatures', GOOD.rstrip()[:-1].rstrip() + ',\n   "fsLayers": [{"blobSum": "sha256:' + 'e' * 64 + '"}]\n}')
write('extra-name-of-other-case', GOOD.rstrip()[:-1].rstrip() + ',\n   "NAME": "evil/image"\n}')
write('unsigned', PAYLOAD)

# Sound, though no one signs so today.
for bits, hash in ((384, hashes.SHA384()), (512, hashes.SHA512())):
    write(f'rs{bits}', document(entry(alg=f'RS{bits}', signature=enc(RSA.sign(RSA_INPUT, padding.PKCS1v15(), hash)), base=RSA_ENTRY)), 'unusual')
write('without-kid', document(entry(jwk={k: v for k, v in JWK.items() if k != 'kid'})), 'unusual')
bare = enc(json.dumps({k: HEAD[k] for k in ('formatLength', 'formatTail')}).encode())
write('without-time', document(entry(protected=bare, signature=enc(raw(P256, bare.encode() + b'.' + enc(PAYLOAD).encode())))), 'unusual')
write('two-keys-in-reverse-order', document(*sorted([ENTRY, entry(jwk=OTHER_JWK, signature=enc(raw(OTHER, INPUT)))], key=lambda e: e['header']['jwk']['kid'], reverse=True)), 'unusual')
write('signatures-on-one-line', PREFIX + b', "signatures":' + json.dumps([ENTRY]).encode() + b'}', 'unusual')
