/** What `sys/metrics` says of tokens and leases. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { UsageCounts, usageEveryMs } from '../../../packages/server/src/core/metrics/usage.ts';
import type { MountStorage } from '../../../packages/server/src/contracts/engine.ts';
import { type Bed, openBed, TestClock } from '../bed.ts';
import { allowUsers, bedWithUsers, tokenOf } from '../leases/engine.ts';

const values = async (bed: Bed, ...names: readonly string[]): Promise<readonly number[]> => {
  const { text } = await bed.root('GET', 'sys/metrics?format=prometheus');
  return names.map(name =>
    Number(
      text
        .split('\n')
        .find(line => line.startsWith(`${name} `))
        ?.slice(name.length + 1),
    ),
  );
};

test('tokens are counted as they are made, looked up, renewed and revoked', async () => {
  const bed = await openBed();
  const names = [
    'vault_token_creation{token_type="service"}',
    'vault_token_creation{token_type="batch"}',
    'vault_expire_renew_token_count',
    'vault_token_revoke_count',
  ];
  const before = await values(bed, ...names);
  const made = await bed.root('POST', 'auth/token/create', { ttl: '1h' });
  const token = made.json.auth.client_token as string;
  await bed.root('POST', 'auth/token/create', { type: 'batch', policies: ['default'] });
  await bed.root('POST', 'auth/token/renew', { token });
  await bed.root('POST', 'auth/token/revoke', { token });
  await bed.root('POST', 'auth/token/revoke', { token });
  const after = await values(bed, ...names);
  assert.deepEqual(
    after.map((value, at) => value - (before[at] ?? 0)),
    [1, 1, 1, 1],
  );
  const [looked = 0] = await values(bed, 'vault_token_lookup_count');
  const [again = 0] = await values(bed, 'vault_token_lookup_count');
  assert.equal(again - looked, 1);
});

test('leases are counted as they are given, renewed and revoked', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  const token = await tokenOf(bed);
  const { id } = await bed.issue(token, '?ttl=1h');
  await bed.issue(token, '?ttl=1h');
  await bed.root('POST', 'sys/leases/renew', { lease_id: id });
  await bed.root('POST', 'sys/leases/revoke', { lease_id: id, sync: true });
  const names = ['register', 'renew', 'revoke'].map(name => `vault_expire_${name}_count`);
  assert.deepEqual(await values(bed, ...names), [2, 1, 1]);
  assert.deepEqual(
    await values(bed, 'vault_expire_num_leases', 'coffer_leases', 'vault_expire_num_irrevocable_leases'),
    [1, 1, 0],
  );
});

test('how many there are is counted at most every ten minutes, and anew for a store that was opened again', async () => {
  const bed = await openBed();
  const [first = 0] = await values(bed, 'vault_token_count');
  assert.ok(first >= 1);
  for (let at = 0; at < 5; at++) await bed.root('POST', 'auth/token/create', {});
  assert.deepEqual(await values(bed, 'vault_token_count'), [first]);
  await bed.clock.advance(usageEveryMs);
  // Whoever asks first hears the old count, and has a new one made.
  assert.deepEqual(await values(bed, 'vault_token_count'), [first]);
  await bed.clock.advance(1000);
  assert.deepEqual(await values(bed, 'vault_token_count', 'coffer_tokens'), [first + 5, first + 5]);
  await bed.root('POST', 'auth/token/create', {});
  await bed.root('PUT', 'sys/seal');
  for (const key of bed.unsealKeys) await bed.ask('POST', 'sys/unseal', { body: { key } });
  assert.deepEqual(await values(bed, 'vault_token_count'), [first + 6]);
});

test('many are counted in steps, once for all who ask at a time, and a failure is not kept', async () => {
  const store = openMemoryStore();
  const writes = Array.from({ length: 2_500 }, (_, at) => ({ key: `token/id/${at}`, value: new Uint8Array(1) }));
  await store.commit({ id: '1'.padStart(32, '0'), writes });
  let ranges = 0;
  let fails = true;
  const storage = {
    range: async (prefix: string, options?: object) => {
      ranges++;
      if (fails) throw new Error('sealed');
      return (await store.range(prefix, options)).map(({ key, revision }) => ({ key, revision, entry: undefined }));
    },
  } as unknown as MountStorage;
  const counts = new UsageCounts(storage, new TestClock());
  await assert.rejects(counts.current(), /sealed/);
  fails = false;
  ranges = 0;
  const all = await Promise.all([counts.current(), counts.current(), counts.current()]);
  for (const one of all) assert.deepEqual(one, { tokens: 2_500, leases: 0, irrevocableLeases: 0 });
  assert.equal(ranges, 3 + 1 + 1);
});
