/** What audit tells, and what it never tells. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { type Bed, openBed } from './bed.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- records are looked into freely
const last = (bed: Bed): readonly [any, any] => {
  const [request, response] = bed.audited.slice(-2).map(line => JSON.parse(line) as unknown);
  return [request, response];
};

const canary = 'canary-7f3e-päss"word\n';
const forms = [
  canary,
  JSON.stringify(canary).slice(1, -1),
  Buffer.from(canary).toString('base64'),
  Buffer.from(canary).toString('hex'),
  encodeURIComponent(canary),
];

test('a write and a read leave who, what, where and when, and no value', async () => {
  const bed = await openBed();
  await bed.root('POST', 'secret/data/app', { data: { password: canary, port: 5432, nested: [{ key: canary }] } });
  const [request] = last(bed);
  assert.equal(request.type, 'request');
  assert.equal(request.request.path, 'secret/data/app');
  assert.equal(request.request.operation, 'create');
  assert.equal(request.request.mount_type, 'kv');
  assert.equal(request.request.data.data.port, 5432);
  assert.match(request.request.data.data.password, /^hmac-sha256:[0-9a-f]{64}$/);
  await bed.root('GET', 'secret/data/app');
  const [, response] = last(bed);
  assert.equal(response.type, 'response');
  assert.equal(response.request.id, last(bed)[0].request.id);
  assert.equal(response.response.data.data.password, request.request.data.data.password);
  assert.match(response.response.data.metadata.created_time, /^2026-01-01T/);
  const text = bed.audited.join('\n');
  for (const form of [...forms, bed.rootToken]) assert.equal(text.includes(form), false, form);
});

test('the hash is HMAC-SHA-256 under the salt, and audit-hash gives the same', async () => {
  const bed = await openBed();
  const hashed = await bed.root('POST', 'sys/audit-hash/test', { input: 'value' });
  const salt = await bed.core.storage.get('audit/salt/test/');
  const text = new TextDecoder().decode(salt?.value.subarray(1));
  const key = (JSON.parse(text) as { salt: string }).salt;
  assert.equal(hashed.json.data.hash, `hmac-sha256:${createHmac('sha256', key).update('value').digest('hex')}`);
});

test('tokens and accessors that are made are hashed, their policies are not', async () => {
  const bed = await openBed();
  const made = await bed.root('POST', 'auth/token/create', { policies: ['app'], meta: { team: 'red' } });
  const { client_token, accessor } = made.json.auth;
  const text = bed.audited.join('\n');
  assert.equal(text.includes(client_token), false);
  assert.equal(text.includes(accessor), false);
  const [, response] = last(bed);
  assert.deepEqual(response.response.auth.policies, ['app', 'default']);
  assert.match(response.response.auth.client_token, /^hmac-sha256:/);
});

test('S12: a token that is not there leaves the hash that it left when it was', async () => {
  const bed = await openBed();
  const made = await bed.root('POST', 'auth/token/create', { policies: ['default'] });
  const token: string = made.json.auth.client_token;
  await bed.ask('GET', 'auth/token/lookup-self', { token });
  const [used] = last(bed);
  await bed.root('POST', 'auth/token/revoke', { token });
  for (const headers of [{ 'x-vault-token': token }, { authorization: `Bearer ${token}` }]) {
    assert.equal((await bed.ask('GET', 'secret/data/a', { headers })).status, 403);
    for (const record of last(bed)) {
      assert.equal(record.auth.client_token, used.auth.client_token);
      assert.equal(record.request.client_token, used.request.client_token);
      assert.equal(record.auth.accessor, undefined);
    }
  }
  assert.equal(bed.audited.join('\n').includes(token), false);
  assert.equal((await bed.ask('GET', 'secret/data/a')).status, 403);
  assert.equal(last(bed)[0].request.client_token, undefined);
});

/** As a header arrives: one character for each byte. */
const onTheWire = (text: string): string => Buffer.from(text).toString('latin1');

test('S12: what callers send cannot break out of its record', async () => {
  const bed = await openBed();
  const evil = 'x\r\n{"type":"request"}\u001b[31m\u2028\u202e';
  await bed.ask('GET', 'secret/data/a', { token: bed.rootToken, headers: { 'x-coffer-reason': onTheWire(evil) } });
  await bed.root('POST', `secret/data/a`, { data: { [evil]: evil } });
  await bed.root('POST', 'auth/token/create', { display_name: evil, meta: { [evil]: evil } });
  for (const line of bed.audited) {
    assert.equal(
      Buffer.from(line).every(byte => byte >= 0x20),
      true,
    );
    assert.doesNotThrow(() => JSON.parse(line));
  }
  const [request] = bed.audited.map(line => JSON.parse(line)).filter(record => record.request.reason !== undefined);
  assert.equal(request.request.reason, evil);
});

test('S12: marks that steer terminals and readers are written as escapes', async () => {
  const bed = await openBed();
  const acting = '\u009b31m\u202eabc\u2028\u200f';
  await bed.ask('GET', 'sys/mounts', { token: bed.rootToken, headers: { 'x-coffer-reason': onTheWire(acting) } });
  await bed.root('POST', 'secret/data/a', { data: { [acting]: 1 } });
  await bed.root('POST', 'auth/token/create', { meta: { [acting]: acting } });
  for (const line of bed.audited)
    for (const mark of ['\u009b', '\u202e', '\u2028', '\u200f']) assert.equal(line.includes(mark), false);
});

test('members that a mount declares readable stay so, and only those', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/secret/tune', { audit_non_hmac_request_keys: 'owner' });
  await bed.root('POST', 'secret/data/a', { data: { owner: 'team', password: canary } });
  const { data } = last(bed)[0].request.data;
  assert.equal(data.owner, 'team');
  assert.match(data.password, /^hmac-sha256:/);
});

test('audit devices are listed, made and removed where the configuration allows it', async () => {
  const bed = await openBed();
  assert.equal(
    (await bed.root('PUT', 'sys/audit/second', { type: 'file', options: { file_path: 'discard' } })).status,
    204,
  );
  const listed = await bed.root('GET', 'sys/audit');
  assert.deepEqual(Object.keys(listed.json.data), ['test/', 'second/']);
  assert.equal((await bed.root('PUT', 'sys/audit/second', { type: 'file' })).status, 400);
  assert.equal((await bed.root('DELETE', 'sys/audit/second')).status, 204);
  const fixed = await bed.root('DELETE', 'sys/audit/test');
  assert.deepEqual([fixed.status, /comes from the configuration/.test(fixed.text)], [400, true]);
});
