/** Wrapping tokens as JWT, through the whole store. */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { type Bed, openBed, type Told } from './bed.ts';

const headers = { 'x-vault-wrap-ttl': '60', 'x-vault-wrap-format': 'jwt' };

const wrapped = async (bed: Bed): Promise<{ readonly token: string; readonly accessor: string }> =>
  (await bed.ask('POST', 'auth/token/create', { token: bed.rootToken, body: {}, headers })).json.wrap_info;

const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

test('a JWT opens wherever the token inside does, once', async () => {
  const bed = await openBed();
  const ways: readonly ((token: string) => Promise<Told>)[] = [
    token => bed.ask('POST', 'sys/wrapping/unwrap', { token }),
    token => bed.root('POST', 'sys/wrapping/unwrap', { token }),
    token => bed.ask('POST', 'sys/wrapping/unwrap', { token, body: { token } }),
  ];
  for (const open of ways) {
    const { token } = await wrapped(bed);
    const { addr, type, exp, iat } = claimsOf(token);
    assert.deepEqual([addr, type, exp - iat], ['https://coffer.test:8200', 'wrapping', 60]);
    assert.equal((await bed.ask('POST', 'sys/wrapping/lookup', { body: { token } })).json.data.creation_ttl, 60);
    const told = await open(token);
    assert.equal(told.json.auth.accessor, claimsOf(token).accessor);
    assert.equal((await open(token)).status, 400);
  }
});

test('it can be replaced, and ends like any other', async () => {
  const bed = await openBed();
  const first = await wrapped(bed);
  const again = await bed.root('POST', 'sys/wrapping/rewrap', { token: first.token });
  assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token: first.token })).status, 400);
  assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token: again.json.wrap_info.token })).status, 200);
  const second = await wrapped(bed);
  await bed.clock.advance(60_000);
  assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token: second.token })).status, 400);
});

test('no JWT is signed over what a caller sends, and other formats are plain', async () => {
  const bed = await openBed();
  const own = await bed.ask('POST', 'sys/wrapping/wrap', { token: bed.rootToken, body: { a: 1 }, headers });
  assert.match(own.json.wrap_info.token, /^cofs\./);
  for (const format of ['', 'JWT', 'uuid', 'x']) {
    const told = await bed.ask('GET', 'sys/mounts', {
      token: bed.rootToken,
      headers: { ...headers, 'x-vault-wrap-format': format },
    });
    assert.match(told.json.wrap_info.token, /^cofs\./, format);
  }
});

test('a JWT is no token anywhere else', async () => {
  const bed = await openBed();
  const { token } = await wrapped(bed);
  for (const path of ['cubbyhole/response', 'sys/mounts', 'auth/token/lookup-self'])
    assert.equal((await bed.ask('GET', path, { token })).status, 403, path);
  assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token })).status, 200);
});

test('anybody can verify a JWT by the key that is shown, and none is made because somebody asks', async () => {
  const bed = await openBed();
  assert.equal((await bed.ask('GET', 'sys/wrapping/pubkey')).status, 404);
  assert.equal((await bed.ask('GET', 'sys/wrapping/pubkey')).status, 404);
  const { token } = await wrapped(bed);
  const { status, json } = await bed.ask('GET', 'sys/wrapping/pubkey');
  assert.deepEqual([status, json.data.jwt_curve], [200, 'p521']);
  const part = (decimal: string): string =>
    Buffer.from(BigInt(decimal).toString(16).padStart(132, '0'), 'hex').toString('base64url');
  const key = createPublicKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-521', x: part(json.data.jwt_x), y: part(json.data.jwt_y) },
  });
  const [head = '', claims = '', signature = ''] = token.split('.');
  const proves = (text: string): boolean =>
    verify('sha512', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  assert.ok(proves(`${head}.${claims}`));
  assert.ok(!proves(`${head}.${claims}x`));
  await bed.root('PUT', 'sys/seal');
  assert.equal((await bed.ask('GET', 'sys/wrapping/pubkey')).status, 503);
});
