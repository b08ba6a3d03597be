import assert from 'node:assert/strict';
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  type KeyObject,
  verify,
} from 'node:crypto';
import { test } from 'node:test';
import type { Argon2idWish, Pbkdf2Wish, RsaKeyWish, ScryptWish, SlowName, SlowWork } from '../../contracts/slow.ts';
import { slow } from './slow.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const text = (value: string): Uint8Array => Buffer.from(value);

const publicOf = (der: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
const privateOf = (der: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });

const rsa = await slow('rsaKeyPair', { bits: 2048 });
const ec = await slow('ecKeyPair', { curve: 'P-384' });

test('key pairs are what was asked for, and their halves belong together', () => {
  assert.equal(publicOf(rsa.publicKey).asymmetricKeyDetails?.modulusLength, 2048);
  assert.equal(publicOf(rsa.publicKey).asymmetricKeyDetails?.publicExponent, 65_537n);
  assert.equal(publicOf(ec.publicKey).asymmetricKeyDetails?.namedCurve, 'secp384r1');
  for (const { privateKey, publicKey } of [rsa, ec])
    assert.ok(createPublicKey(privateOf(privateKey)).equals(publicOf(publicKey)));
});

test('RSA signatures are those of RFC 8017, with both paddings', async () => {
  const data = text('to be signed');
  const { privateKey } = rsa;
  const pkcs = await slow('rsaSign', { privateKey, data, hash: 'SHA-384', padding: 'pkcs1v15' });
  assert.ok(verify('sha384', data, publicOf(rsa.publicKey), pkcs));
  const pss = await slow('rsaSign', { privateKey, data, hash: 'SHA-256', padding: 'pss', saltBytes: 20 });
  const key = { key: publicOf(rsa.publicKey), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 };
  assert.ok(verify('sha256', data, key, pss));
});

test('RSA decryption takes what OAEP made with this key, hash and label, and nothing else', async () => {
  const key = {
    key: publicOf(rsa.publicKey),
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: 'sha256',
    oaepLabel: text('label'),
  };
  const asked = {
    privateKey: rsa.privateKey,
    ciphertext: publicEncrypt(key, text('hidden')),
    hash: 'SHA-256',
  } as const;
  assert.equal(hex(await slow('rsaDecrypt', { ...asked, label: text('label') })), hex(text('hidden')));
  const wrong = { code: 'invalid_request', publicMessage: 'the ciphertext cannot be decrypted with this key' };
  await assert.rejects(slow('rsaDecrypt', asked), wrong);
  await assert.rejects(slow('rsaDecrypt', { ...asked, hash: 'SHA-512', label: text('label') }), wrong);
  await assert.rejects(slow('rsaDecrypt', { ...asked, ciphertext: text('short'), label: text('label') }), wrong);
});

/** RFC 6070 §2, as the fifth. */
const pbkdf2: Pbkdf2Wish = {
  password: text('password'),
  salt: text('saltSALTsaltSALTsaltSALTsaltSALTsalt'),
  iterations: 4096,
  hash: 'SHA-1',
  lengthBytes: 20,
};

const scrypt: ScryptWish = {
  password: text('password'),
  salt: text('NaCl-and-more-of-it'),
  cost: 1024,
  blockSize: 8,
  parallelism: 16,
  lengthBytes: 32,
};

/** The vector of the reference implementation: test.c of phc-winner-argon2. */
const argon2id: Argon2idWish = {
  password: text('password'),
  salt: text('somesalt'),
  memoryKiB: 65_536,
  passes: 2,
  parallelism: 1,
  lengthBytes: 32,
};

test('passwords are derived as the standards say', async () => {
  const longer = { ...pbkdf2, password: text('passwordPASSWORDpassword'), lengthBytes: 25 };
  assert.equal(hex(await slow('pbkdf2', longer)), '3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038');
  const known = {
    ...scrypt,
    password: text('pleaseletmein'),
    salt: text('SodiumChloride'),
    cost: 16_384,
    parallelism: 1,
  };
  assert.equal(
    hex(await slow('scrypt', { ...known, lengthBytes: 64 })),
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
  );
  assert.equal(
    hex(await slow('argon2id', argon2id)),
    '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7',
  );
});

test('what cannot be done, or would take too much, is refused with what was expected', async () => {
  const { privateKey: short } = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  const refused = async <Name extends SlowName>(name: Name, asked: SlowWork[Name]['asked'], expected: RegExp) =>
    assert.rejects(slow(name, asked), { code: 'invalid_request', publicMessage: expected });
  await refused('rsaKeyPair', { bits: 1024 } as unknown as RsaKeyWish, /2048, 3072 or 4096/);
  await refused('ecKeyPair', { curve: 'P-224' as 'P-256' }, /P-256/);
  const sign = { data: text('data'), hash: 'SHA-256', padding: 'pkcs1v15' } as const;
  await refused('rsaSign', { ...sign, privateKey: text('no key') }, /PKCS #8/);
  await refused('rsaSign', { ...sign, privateKey: ec.privateKey }, /RSA private key/);
  await refused('rsaSign', { ...sign, privateKey: short }, /bits of the RSA key: expected 2048 to 8192/);
  await refused('rsaSign', { ...sign, privateKey: rsa.privateKey, padding: 'pss', saltBytes: 4000 }, /cannot sign so/);
  await refused('pbkdf2', { ...pbkdf2, iterations: 10_000_001 }, /iterations/);
  await refused('pbkdf2', { ...pbkdf2, iterations: Number.NaN }, /iterations/);
  await refused('pbkdf2', { ...pbkdf2, salt: text('short') }, /salt/);
  await refused('pbkdf2', { ...pbkdf2, lengthBytes: 0 }, /bytes to derive/);
  await refused('scrypt', { ...scrypt, cost: 1000 }, /power of two/);
  await refused('scrypt', { ...scrypt, cost: 1 }, /power of two/);
  await refused('scrypt', { ...scrypt, cost: 2 ** 20 }, /memory/);
  await refused('scrypt', { ...scrypt, parallelism: 17 }, /parallelism/);
  await refused('argon2id', { ...argon2id, memoryKiB: 7 }, /memory: expected 8/);
  await refused('argon2id', { ...argon2id, memoryKiB: 262_145 }, /memory/);
  await refused('argon2id', { ...argon2id, passes: 0 }, /passes/);
  await refused('argon2id', { ...argon2id, parallelism: 0.5 }, /parallelism/);
  await refused('argon2id', { ...argon2id, lengthBytes: 3 }, /bytes to derive/);
});
