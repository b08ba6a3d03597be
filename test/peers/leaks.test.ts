import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaksIn } from './leaks.ts';

test('S11: a secret or a token in what a server says is found in any form, what is told on purpose is not', () => {
  const token = `cofs.${'a1B2'.repeat(8)}`;
  const places = {
    plain: 'reading canary-7 failed',
    base64: Buffer.from('{"password":"canary-7"}').toString('base64'),
    hex: Buffer.from('xcanary').toString('hex'),
    token: `created ${token} for you`,
    development: `Unseal Key: x\nRoot Token: ${token}\n`,
    fine: 'token cofs.… was refused, hmac-sha256:0123',
  };
  assert.deepEqual(
    [...new Set(leaksIn(new Map(Object.entries(places))).map(leak => leak.split(':')[0]))],
    ['plain', 'base64', 'hex', 'token'],
  );
});
