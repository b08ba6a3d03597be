import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { MemoryMount } from '../../../../../test/conformance/engine-bed.ts';
import type { MadeToken } from '../tokens/store.ts';
import { WrapJwt } from './jwt.ts';

const made = {
  text: 'cofs.someTokenOfTheStore',
  token: { createdAtSeconds: 1000, expiresAtSeconds: 1060 },
} as MadeToken;

const parts = (jwt: string): readonly [string, string, string] => {
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  return [head, claims, signature];
};

const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The public half of the key that the store keeps, behind its format byte. */
const publicKeyIn = async (mount: MemoryMount) => {
  const kept = await mount.get('wrapping/jwt-key');
  const key = Buffer.from(kept?.value.slice(1) ?? []).toString('base64');
  return createPublicKey(`-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`);
};

test('a wrapping token as JWT: ES512, says where and until when, and a library would believe it', async () => {
  const mount = new MemoryMount();
  const jwt = await new WrapJwt(mount, 'https://coffer.test:8200').around(made, 'inner');
  const [head, claims, signature] = parts(jwt);
  assert.deepEqual(decoded(head), { alg: 'ES512', typ: 'JWT' });
  assert.deepEqual(decoded(claims), {
    accessor: 'inner',
    addr: 'https://coffer.test:8200',
    exp: 1060,
    iat: 1000,
    jti: made.text,
    nbf: 995,
    type: 'wrapping',
  });
  const key = { key: await publicKeyIn(mount), dsaEncoding: 'ieee-p1363' } as const;
  const bytes = Buffer.from(signature, 'base64url');
  assert.equal(bytes.length, 132);
  assert.ok(verify('sha512', Buffer.from(`${head}.${claims}`), key, bytes));
});

test('inside is the token; a store that was opened anew still finds it', async () => {
  const mount = new MemoryMount();
  const jwts = new WrapJwt(mount, '');
  const jwt = await jwts.around(made, '');
  assert.equal(await jwts.inside(jwt), made.text);
  jwts.unload();
  assert.equal(await jwts.inside(jwt), made.text);
  assert.equal(await new WrapJwt(mount, '').inside(jwt), made.text);
  assert.equal(mount.commits, 1);
});

test('what is not signed by this store, as it is, is answered as it is', async () => {
  const jwts = new WrapJwt(new MemoryMount(), '');
  const jwt = await jwts.around(made, '');
  const [head, claims, signature] = parts(jwt);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
  const signed = (text: string): string =>
    `${text}.${sign('sha512', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  const other = encoded({ jti: 'cofs.another', type: 'wrapping' });
  const none = encoded({ alg: 'none', typ: 'JWT' });
  for (const text of [
    'cofs.plain',
    '',
    'eyJ..',
    'eyJa.b.c',
    `${head}.${claims}.`,
    `${head}.${claims}`,
    `${head}.${other}.${signature}`,
    `${none}.${claims}.${signature}`,
    `${none}.${claims}.`,
    `${head}.${claims}.${signature.slice(0, -4)}`,
    `${head}.${claims}.${'A'.repeat(176)}`,
    `${head}.${claims}.${signature}.x`,
    signed(`${head}.${claims}`),
    `${head}.${claims}.${signature}${'A'.repeat(9000)}`,
  ])
    assert.equal(await jwts.inside(text), text, text.slice(0, 40));
});

test('strangers who show JWTs cause no key to be made', async () => {
  const mount = new MemoryMount();
  const jwt = await new WrapJwt(new MemoryMount(), '').around(made, '');
  assert.equal(await new WrapJwt(mount, '').inside(jwt), jwt);
  assert.equal(mount.commits, 0);
});
