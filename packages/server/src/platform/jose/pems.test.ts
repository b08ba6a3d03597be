import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { pemsOf } from './pems.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('the keys of a set become PEM, one each', () => {
  const keys = [rsa, curve].map(({ publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig' }));
  const wanted = [rsa, curve].map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }));
  assert.deepEqual(pemsOf({ keys }), wanted);
});

test('of a private key nothing but the public part is taken', () => {
  const [pem = ''] = pemsOf({ keys: [rsa.privateKey.export({ format: 'jwk' })] });
  assert.equal(pem, rsa.publicKey.export({ type: 'spki', format: 'pem' }));
});

test('what is no set of public keys is refused', () => {
  const symmetric = { kty: 'oct', k: 'AAAA' };
  for (const bad of [
    undefined,
    null,
    1,
    '',
    [],
    {},
    { keys: 1 },
    { keys: [] },
    { keys: [null] },
    { keys: [symmetric] },
  ])
    assert.throws(() => pemsOf(bad), { code: 'invalid_request' }, JSON.stringify(bad));
  assert.throws(() => pemsOf({ keys: Array.from({ length: 65 }, () => rsa.publicKey.export({ format: 'jwk' })) }));
});
