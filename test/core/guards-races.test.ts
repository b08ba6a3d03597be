/** Several who change the same thing at once: one after the other, or refused; never both, never half. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFull } from './places.ts';

const statuses = (all: readonly { readonly status: number }[]): readonly number[] =>
  all.map(({ status }) => status).toSorted((a, b) => a - b);

test('of many who mount at one path, or inside one another, one succeeds', async () => {
  const bed = await openFull();
  const paths = ['same', 'same', 'same/below', 'same'];
  const all = await Promise.all(paths.map(path => bed.root('POST', `sys/mounts/${path}`, { type: 'kv' })));
  assert.deepEqual(statuses(all), [204, 400, 400, 400]);
  const records = await bed.core.storage.range('mount/', { values: false });
  assert.equal(records.length, 5);
});

test('a mount that is tuned while it moves or goes is neither doubled nor brought back', async () => {
  const bed = await openFull();
  const tune = (path: string, body: object) => bed.root('POST', `sys/mounts/${path}/tune`, body);
  await Promise.all([
    tune('one', { description: 'a' }),
    tune('one', { default_lease_ttl: '1h' }),
    bed.root('POST', 'sys/remount', { from: 'one', to: 'moved' }),
    tune('one', { description: 'late' }),
  ]);
  const { data } = (await bed.root('GET', 'sys/mounts')).json;
  assert.deepEqual(Object.keys(data), ['cubbyhole/', 'moved/', 'secret/', 'sys/']);
  assert.deepEqual([data['moved/'].description, data['moved/'].config.default_lease_ttl], ['a', 3600]);
  await Promise.all([bed.root('DELETE', 'sys/mounts/moved'), tune('moved', { description: 'back' })]);
  assert.equal((await bed.root('GET', 'sys/mounts/moved')).status, 400);
  assert.equal((await bed.core.storage.range('mount/', { values: false })).length, 3);
});

test('of many who enable an audit device at one path, one succeeds', async () => {
  const bed = await openFull();
  const body = { type: 'file', options: { file_path: 'discard' } };
  const all = await Promise.all([1, 2, 3].map(() => bed.root('PUT', 'sys/audit/one', body)));
  assert.deepEqual(statuses(all), [204, 400, 400]);
});

test('changes of a token role or a policy at once lose nothing: the later one is told', async () => {
  const bed = await openFull();
  const role = (body: object) => bed.root('POST', 'auth/token/roles/r', body);
  const all = await Promise.all([role({ orphan: true }), role({ path_suffix: 'x' })]);
  assert.deepEqual(statuses(all), [204, 409]);
  const policy = (text: string) => bed.root('PUT', 'sys/policies/acl/p', { policy: text, cas: 0 });
  const both = await Promise.all([
    policy('path "a" { capabilities = ["read"] }'),
    policy('path "b" { capabilities = ["read"] }'),
  ]);
  assert.equal(statuses(both)[0], 204);
  assert.ok((statuses(both)[1] ?? 0) >= 400);
});

test('S14: floods of cancellations, resets and false shares leave a quorum able to finish', async () => {
  const bed = await openFull({ unauthenticated: true, shares: 3, threshold: 2 });
  const [first = '', second = ''] = bed.unsealKeys;
  const started = await bed.ask('POST', 'sys/generate-root/attempt', { body: {} });
  const { nonce } = started.json;
  const noise = Array.from({ length: 200 }, (_, index) => [
    bed.ask('POST', 'sys/generate-root/attempt', { body: {} }),
    bed.ask('POST', 'sys/generate-root/update', { body: { nonce, key: Buffer.alloc(33, index + 1).toString('hex') } }),
    bed.ask('POST', 'sys/generate-root/update', { body: { nonce: 'other', key: first } }),
    bed.ask('POST', 'sys/rekey/update', { body: { nonce, key: first } }),
    bed.ask('POST', 'sys/unseal', { body: { reset: true } }),
    bed.ask('POST', 'sys/init', { body: { secret_shares: 1, secret_threshold: 1 } }),
  ]);
  for (const told of await Promise.all(noise.flat())) assert.ok(told.status < 500, told.text);
  const offers = [first, second, first, second];
  const told = [];
  for (const key of offers) told.push(await bed.ask('POST', 'sys/generate-root/update', { body: { nonce, key } }));
  assert.ok(
    told.some(({ json }) => json?.complete === true),
    told.map(({ text }) => text).join('\n'),
  );
});
