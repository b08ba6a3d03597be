/** Initialising, unsealing, sealing, rekeying and root tokens, as callers meet them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bed, openBed } from './bed.ts';

const initialize = async (bed: Bed, shares: number, threshold: number) => {
  const told = await bed.ask('POST', 'sys/init', { body: { secret_shares: shares, secret_threshold: threshold } });
  assert.equal(told.status, 200, told.text);
  return {
    keys: told.json.keys as string[],
    base64: told.json.keys_base64 as string[],
    token: told.json.root_token as string,
  };
};

test('a new store says so, is initialised once, and is opened by a threshold of shares', async () => {
  const bed = await openBed({ closed: true });
  assert.deepEqual((await bed.ask('GET', 'sys/init')).json, { initialized: false });
  assert.equal((await bed.ask('GET', 'sys/health')).status, 501);
  const fresh = await bed.ask('GET', 'sys/seal-status');
  assert.deepEqual([fresh.status, fresh.json.t, fresh.json.n, fresh.json.sealed], [200, 0, 0, true]);
  const { keys, base64, token } = await initialize(bed, 5, 3);
  assert.equal(keys.length, 5);
  const again = await bed.ask('POST', 'sys/init', { body: { secret_shares: 1, secret_threshold: 1 } });
  assert.deepEqual([again.status, again.json.errors], [400, ['Vault is already initialized']]);
  assert.equal((await bed.ask('GET', 'sys/health')).status, 503);
  assert.equal((await bed.ask('GET', 'sys/health?sealedcode=299')).status, 299);
  assert.equal((await bed.ask('GET', 'sys/mounts', { token })).status, 503);
  const first = await bed.ask('POST', 'sys/unseal', { body: { key: keys[0] } });
  assert.deepEqual([first.json.progress, first.json.sealed], [1, true]);
  assert.match(first.json.nonce, /^[0-9a-f-]{36}$/);
  const same = await bed.ask('POST', 'sys/unseal', { body: { key: base64[0] } });
  assert.equal(same.json.progress, 1);
  const none = await bed.ask('POST', 'sys/unseal', { body: {} });
  assert.deepEqual(none.json.errors, ["'key' must be specified in request body as JSON, or 'reset' set to true"]);
  const reset = await bed.ask('POST', 'sys/unseal', { body: { reset: true } });
  assert.equal(reset.json.progress, 0);
  for (const key of [keys[1], base64[2], keys[4]]) await bed.ask('PUT', 'sys/unseal', { body: { key } });
  assert.equal((await bed.ask('GET', 'sys/seal-status')).json.sealed, false);
  assert.equal((await bed.ask('GET', 'sys/health')).status, 200);
  assert.equal((await bed.ask('GET', 'sys/mounts', { token })).status, 200);
});

test('sealing needs sudo, answers, and closes everything', async () => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/most', {
    policy: 'path "*" { capabilities = ["create", "read", "update"] }',
  });
  const made = await bed.root('POST', 'auth/token/create', { policies: ['most'] });
  const token: string = made.json.auth.client_token;
  assert.equal((await bed.ask('PUT', 'sys/seal', { token })).status, 403);
  assert.equal((await bed.root('PUT', 'sys/seal')).status, 204);
  const told = await bed.root('GET', 'secret/data/x');
  assert.deepEqual([told.status, told.json.errors], [503, ['Vault is sealed']]);
  assert.equal((await bed.ask('GET', 'sys/seal-status')).json.sealed, true);
  await bed.ask('POST', 'sys/unseal', { body: { key: bed.unsealKeys[0] } });
  assert.equal((await bed.root('GET', 'sys/mounts')).status, 200);
});

test('rekeying with a token replaces the shares; the old ones open nothing', async () => {
  const bed = await openBed({ shares: 3, threshold: 2 });
  const begun = await bed.root('POST', 'sys/rotate/root/init', { secret_shares: 2, secret_threshold: 2 });
  const { nonce } = begun.json.data;
  assert.equal(begun.json.data.required, 2);
  const first = await bed.root('POST', 'sys/rotate/root/update', { key: bed.unsealKeys[0], nonce });
  assert.equal(first.json.data.progress, 1);
  const wrong = await bed.root('POST', 'sys/rotate/root/update', { key: bed.unsealKeys[1], nonce: 'other' });
  assert.equal(wrong.status, 400);
  const done = await bed.root('POST', 'sys/rotate/root/update', { key: bed.unsealKeys[1], nonce });
  assert.equal(done.json.data.complete, true);
  const fresh: readonly string[] = done.json.data.keys;
  await bed.root('PUT', 'sys/seal');
  for (const key of bed.unsealKeys) await bed.ask('POST', 'sys/unseal', { body: { key } });
  assert.equal((await bed.ask('GET', 'sys/seal-status')).json.sealed, true);
  for (const key of fresh) await bed.ask('POST', 'sys/unseal', { body: { key } });
  assert.equal((await bed.ask('GET', 'sys/seal-status')).json.sealed, false);
});

test('a quorum makes a root token, which leaves only under the pad', async () => {
  const bed = await openBed({ shares: 2, threshold: 2 });
  const begun = await bed.root('POST', 'sys/generate-root-token/attempt', {});
  const { nonce, otp } = begun.json.data;
  await bed.root('POST', 'sys/generate-root-token/update', { key: bed.unsealKeys[0], nonce });
  const done = await bed.root('POST', 'sys/generate-root-token/update', { key: bed.unsealKeys[1], nonce });
  const { encoded_token } = done.json.data;
  const decoded = await bed.ask('POST', 'sys/decode-token', { body: { encoded_token, otp } });
  const token: string = decoded.json.data.token;
  assert.equal((await bed.ask('GET', 'auth/token/lookup-self', { token })).json.data.policies[0], 'root');
});

test('D14: without a token rekey and generate-root are off unless a listener allows them', async () => {
  const off = await openBed();
  for (const [method, path] of [
    ['GET', 'sys/rekey/init'],
    ['POST', 'sys/rekey/init'],
    ['GET', 'sys/generate-root/attempt'],
    ['POST', 'sys/generate-root/attempt'],
    ['GET', 'sys/generate-root'],
    ['POST', 'sys/generate-root'],
    ['DELETE', 'sys/generate-root'],
  ] as const) {
    const told = await off.ask(method, path, { body: method === 'POST' ? {} : undefined });
    assert.deepEqual([told.status, told.json.errors], [405, ['unsupported operation']], path);
  }
  const on = await openBed({ unauthenticated: true });
  const status = await on.ask('GET', 'sys/rekey/init');
  assert.deepEqual([status.status, status.json.started, status.json.required], [200, false, 1]);
  const begun = await on.ask('POST', 'sys/generate-root', { body: {} });
  assert.deepEqual([begun.status, begun.json.started], [200, true]);
  assert.equal((await on.ask('GET', 'sys/generate-root')).json.nonce, begun.json.nonce);
  assert.equal((await on.ask('GET', 'sys/generate-root/attempt')).json.nonce, begun.json.nonce);
  assert.equal((await on.ask('DELETE', 'sys/generate-root')).status, 204);
  assert.equal((await on.ask('GET', 'sys/generate-root')).json.started, false);
});

test('key terms are shown and rotated, and what was written before stays readable', async () => {
  const bed = await openBed();
  await bed.root('POST', 'secret/data/a', { data: { x: 1 } });
  const before = await bed.root('GET', 'sys/key-status');
  assert.equal((await bed.root('POST', 'sys/rotate')).status, 204);
  const after = await bed.root('GET', 'sys/key-status');
  assert.equal(after.json.data.term, before.json.data.term + 1);
  assert.equal(after.json.term, after.json.data.term);
  await bed.core.seal.seal();
  await bed.ask('POST', 'sys/unseal', { body: { key: bed.unsealKeys[0] } });
  assert.deepEqual((await bed.root('GET', 'secret/data/a')).json.data.data, { x: 1 });
  assert.equal((await bed.root('POST', 'sys/rotate/config', { interval: '1h' })).status, 400);
  assert.equal((await bed.root('POST', 'sys/rotate/config', { max_operations: 1_000_000 })).status, 204);
  assert.equal((await bed.root('GET', 'sys/rotate/config')).json.data.max_operations, 1_000_000);
});

test('a reset soon after another is answered 200 with what is kept, and a warning that says so', async () => {
  const bed = await openBed({ shares: 3, threshold: 2 });
  await bed.root('POST', 'sys/seal');
  const told = (body: object) => bed.ask('POST', 'sys/unseal', { body });
  await told({ key: bed.unsealKeys[0] });
  const first = await told({ reset: true });
  assert.deepEqual([first.status, first.json.progress, first.json.warnings], [200, 0, undefined]);
  await told({ key: bed.unsealKeys[0] });
  const second = await told({ reset: true });
  assert.deepEqual([second.status, second.json.progress, second.json.warnings.length], [200, 1, 1]);
  assert.equal((await told({ key: bed.unsealKeys[1] })).json.sealed, false);
});

test('sys/leader tells the address that the configuration gives', async () => {
  const bed = await openBed();
  const { json } = await bed.ask('GET', 'sys/leader');
  assert.deepEqual([json.ha_enabled, json.is_self, json.leader_address], [false, true, 'https://coffer.test:8200']);
});
