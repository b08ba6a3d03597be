import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { jwts } from './jwts.ts';

const part = (value: object | Uint8Array): string =>
  (value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(JSON.stringify(value))).toString('base64url');

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const claims = { sub: 'a', aud: ['b'] };

const made = (alg: string, key: KeyObject, header: object = {}): string => {
  const text = `${part({ alg, ...header })}.${part(claims)}`;
  const how = {
    key,
    dsaEncoding: 'ieee-p1363',
    ...(alg.startsWith('PS') ? { padding: 6, saltLength: 32 } : {}),
  } as const;
  return `${text}.${part(sign('sha256', Buffer.from(text), how))}`;
};

const pemOf = ({ publicKey }: { readonly publicKey: KeyObject }): string =>
  publicKey.export({ type: 'spki', format: 'pem' });

const setOf = (...keys: object[]): Uint8Array => new TextEncoder().encode(JSON.stringify({ keys }));
const jwkOf = ({ publicKey }: { readonly publicKey: KeyObject }, more: object): object => ({
  ...publicKey.export({ format: 'jwk' }),
  ...more,
});

test('what a token says is read, and what is none is not', () => {
  const found = jwts.read(made('RS256', rsa.privateKey, { kid: 'k' }));
  assert.deepEqual([found?.algorithm, found?.keyId, found?.claims.get('sub')], ['RS256', 'k', 'a']);
  const good = made('RS256', rsa.privateKey).split('.');
  const [head = '', body = '', signature = ''] = good;
  for (const bad of [
    `${head}\n.${body}.${signature}`,
    `${head}.${body} .${signature}`,
    `${head}.${body}.${signature}\u4e00`,
    `${head}.${body}.${signature}\r\nx: y`,
    `${head}.${body}.${signature}=`,
    '',
    'a',
    'a.b',
    'a.b.c',
    '..',
    `${good[0]}.${good[1]}.`,
    `${good.join('.')}.${good[2]}`,
    `${part([1])}.${good[1]}.${good[2]}`,
    `${good[0]}.${part([])}.${good[2]}`,
    `${good[0]}.${Buffer.from('"a"').toString('base64url')}.${good[2]}`,
    `${good[0]}.${Buffer.from([0xff]).toString('base64url')}.${good[2]}`,
    `${good[0]}+.${good[1]}.${good[2]}`,
    `${good[0]}.${part({ a: 'x'.repeat(20_000) })}.${good[2]}`,
  ])
    assert.equal(jwts.read(bad), undefined, bad.slice(0, 60));
  const odd = jwts.read(`${part({ alg: 5, kid: {} })}.${part({ __proto__: null, constructor: 1 })}.AAAA`);
  assert.deepEqual(
    [odd?.algorithm, odd?.keyId, odd?.claims.get('constructor'), odd?.claims.get('toString')],
    ['', '', 1, undefined],
  );
});

test('keys in PEM verify what they signed, in any order', async () => {
  const keys = jwts.pemKeys([pemOf(p256), pemOf(rsa)]);
  for (const jwt of [made('RS256', rsa.privateKey), made('PS256', rsa.privateKey), made('ES256', p256.privateKey)])
    assert.equal(await keys.verify(jwt), 'valid');
  assert.equal(await jwts.pemKeys([pemOf(p256)]).verify(made('RS256', rsa.privateKey)), 'invalid');
  assert.equal(await jwts.pemKeys([]).verify(made('RS256', rsa.privateKey)), 'unknown key');
  const jwt = made('RS256', rsa.privateKey);
  assert.equal(await keys.verify(`${jwt.slice(0, -6)}AAAAAA`), 'invalid');
  assert.equal(await jwts.pemKeys([pemOf(small)]).verify(made('RS256', small.privateKey)), 'invalid');
});

test('neither none nor a public key as a shared secret verifies', async () => {
  const text = `${part({ alg: 'HS256' })}.${part(claims)}`;
  const shared = [pemOf(rsa), pemOf(rsa).trim()].map(
    secret => `${text}.${part(createHmac('sha256', secret).update(text).digest())}`,
  );
  const none = `${part({ alg: 'none' })}.${part(claims)}.`;
  for (const keys of [jwts.pemKeys([pemOf(rsa)]), jwts.jwksKeys(setOf(jwkOf(rsa, { kid: 'k' })))])
    for (const jwt of [...shared, none, `${none}AAAA`]) assert.notEqual(await keys.verify(jwt), 'valid');
  assert.equal(await jwts.pemKeys([pemOf(rsa)]).verify(shared[0] ?? ''), 'algorithm not allowed');
});

test('a key set verifies by the name of the key', async () => {
  const keys = jwts.jwksKeys(setOf(jwkOf(rsa, { kid: 'one', alg: 'RS256' }), jwkOf(p256, { kid: 'two' })));
  assert.deepEqual([...keys.keyIds], ['one', 'two']);
  assert.equal(await keys.verify(made('RS256', rsa.privateKey, { kid: 'one' })), 'valid');
  assert.equal(await keys.verify(made('ES256', p256.privateKey, { kid: 'two' })), 'valid');
  assert.equal(await keys.verify(made('RS256', rsa.privateKey, { kid: 'two' })), 'unknown key');
  assert.equal(await keys.verify(made('PS256', rsa.privateKey, { kid: 'one' })), 'unknown key');
  assert.equal(await keys.verify(made('RS256', rsa.privateKey, { kid: 'three' })), 'unknown key');
});

test('what is no key is refused, and its text is not repeated', () => {
  const canary = 'canary-7f3a';
  const secret = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' });
  for (const pem of [canary, '', `-----BEGIN PUBLIC KEY-----\n${canary}\n-----END PUBLIC KEY-----`, secret])
    assert.throws(() => jwts.pemKeys([pem]), { message: 'key 1 is no public key or certificate in PEM' });
  const many = Array.from({ length: 65 }, () => ({ kty: 'oct', k: 'AAAA' }));
  for (const set of [canary, '[]', '{}', '{"keys":1}', '{"keys":[1]}', '{"keys":null}', JSON.stringify({ keys: many })])
    assert.throws(() => jwts.jwksKeys(new TextEncoder().encode(set)), { message: 'the answer is no JWK Set' }, set);
});
