import assert from 'node:assert/strict';
import { createHmac, createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { AeadKey } from './aead.ts';
import { sameSecret } from './equal.ts';
import { HmacKey, sha256, sha256Hex } from './hash.ts';
import { hkdf } from './hkdf.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(/\s/g, ''));
const none = new Uint8Array(0);

/** McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 16: AES-256. */
const gcmCases = [
  { key: '00'.repeat(32), nonce: '00'.repeat(12), body: '', aad: '', sealed: '530f8afbc74536b9a963b4f1c4cb738b' },
  {
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    body: '00'.repeat(16),
    aad: '',
    sealed: 'cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    body: `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
      1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`,
    aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    sealed: `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
      8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b`,
  },
];

for (const [at, known] of gcmCases.entries()) {
  test(`AES-256-GCM answers as the specification's vector ${at + 1}`, () => {
    const key = new AeadKey(hex(known.key));
    const message = { nonce: hex(known.nonce), body: hex(known.body), aad: hex(known.aad) };
    assert.deepEqual(key.seal(message), hex(known.sealed));
    assert.deepEqual(key.open({ ...message, body: hex(known.sealed) }), hex(known.body));
  });
}

test('S26: a flipped bit in ciphertext, tag, nonce or additional data opens nothing', () => {
  const key = new AeadKey(randomBytes(32));
  const message = { nonce: randomBytes(12), body: randomBytes(40), aad: randomBytes(20) };
  const whole = { ...message, body: key.seal(message) };
  for (const part of ['nonce', 'body', 'aad'] as const) {
    for (let at = 0; at < whole[part].length; at++) {
      const changed = Uint8Array.from(whole[part]);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(key.open({ ...whole, [part]: changed }), undefined, `${part} ${at}`);
    }
  }
  assert.deepEqual(key.open(whole), Uint8Array.from(message.body));
  assert.equal(key.open({ ...whole, body: whole.body.subarray(0, 15) }), undefined);
  assert.equal(key.open({ ...whole, body: none }), undefined);
});

test('a key of another length is refused', () => {
  assert.throws(() => new AeadKey(randomBytes(16)), TypeError);
});

test('SHA-256 answers as FIPS 180-4', () => {
  assert.equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.deepEqual(sha256(none), hex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'));
});

/** RFC 4231 §4.2 to §4.8 (without the truncated one). */
const hmacCases = [
  ['0b'.repeat(20), '4869205468657265', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    '4a656665',
    '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  [
    'aa'.repeat(131),
    '54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
] as const;

test('HMAC-SHA256 answers as RFC 4231', () => {
  for (const [key, data, mac] of hmacCases) {
    assert.equal(new HmacKey(hex(key)).hex(hex(data)), mac);
    assert.deepEqual(new HmacKey(hex(key)).bytes(hex(data)), hex(mac));
  }
});

test('HMAC equals the platform streaming HMAC for any key, length and text, one key used again and again', () => {
  for (const keyLength of [0, 1, 32, 63, 64, 65, 200]) {
    const raw = randomBytes(keyLength);
    const key = new HmacKey(raw);
    for (const length of [0, 1, 31, 64, 95, 1365, 1366, 4095, 4096, 4097, 9000, 5]) {
      const data = randomBytes(length);
      const text = data.toString('latin1');
      assert.equal(key.hex(data), createHmac('sha256', raw).update(data).digest('hex'), `${keyLength} ${length}`);
      assert.equal(key.hex(text), createHmac('sha256', raw).update(text).digest('hex'), `${keyLength} ${length} text`);
    }
    assert.equal(key.hex('😀'.repeat(700)), createHmac('sha256', raw).update('😀'.repeat(700)).digest('hex'));
  }
});

test('a wiped HMAC key no longer makes the MACs it made', () => {
  const key = new HmacKey(randomBytes(32));
  const before = key.hex('a');
  key.wipe();
  assert.notEqual(key.hex('a'), before);
});

test('HKDF answers as RFC 5869 A.1', () => {
  const derived = hkdf(hex('0b'.repeat(22)), {
    salt: hex('000102030405060708090a0b0c'),
    info: hex('f0f1f2f3f4f5f6f7f8f9'),
    lengthBytes: 42,
  });
  const known = '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865';
  assert.deepEqual(derived, hex(known));
});

test('S4: secrets are equal exactly when their bytes are, whatever their lengths', () => {
  assert.equal(sameSecret('abc', 'abc'), true);
  assert.equal(sameSecret('abc', new TextEncoder().encode('abc')), true);
  assert.equal(sameSecret('abc', 'abd'), false);
  assert.equal(sameSecret('abc', 'abcd'), false);
  assert.equal(sameSecret('', 'a'), false);
  assert.equal(sameSecret(createHash('sha256').update('abc').digest(), 'abc'), false);
});

test('the first 64 bits of a MAC are those of its hex form', () => {
  const key = new HmacKey(new Uint8Array(32).fill(9));
  for (const text of ['', 'a', '1/root/é', 'x'.repeat(5000)]) {
    const { hi, lo } = key.first64(text);
    assert.equal([hi, lo].map(half => half.toString(16).padStart(8, '0')).join(''), key.hex(text).slice(0, 16));
  }
});
