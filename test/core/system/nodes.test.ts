/** `sys/ha-status`, `sys/version-history`, `sys/internal/ui/namespaces`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireVersion } from '../../../packages/server/src/core/system/version.ts';
import { VersionHistory } from '../../../packages/server/src/core/system/version-history.ts';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed, testHost } from '../bed.ts';
import { dying } from '../dying.ts';
import { tokenWith } from '../places.ts';

const reopened = async (storage: Bed['storage'], bed: Bed): Promise<Bed> => {
  const again = await openBed({ storage, closed: true });
  await again.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  return again;
};

test('there is one node, this one, and it is active', async () => {
  const bed = await openBed();
  const node = {
    hostname: (await testHost.facts()).hostname,
    api_address: 'https://coffer.test:8200',
    cluster_address: '',
    active_node: true,
    last_echo: null,
    version: wireVersion,
  };
  assert.deepEqual((await bed.root('GET', 'sys/ha-status')).json.data, { nodes: [node] });
  const token = await tokenWith(bed, 'path "secret/*" { capabilities = ["read"] }');
  assert.equal((await bed.ask('GET', 'sys/ha-status', { token })).status, 403);
  assert.equal((await bed.ask('GET', 'sys/ha-status')).status, 403);
});

test('a version is noted when it opens the store first, and once', async () => {
  const storage = openMemoryStore();
  const bed = await openBed({ storage });
  const installed = new Date(bed.clock.now()).toISOString();
  const only = { previous_version: null, timestamp_installed: installed, build_date: null, commit_date: null };
  const told = await bed.root('LIST', 'sys/version-history');
  assert.deepEqual(told.json.data, { keys: [wireVersion], key_info: { [wireVersion]: only } });
  await bed.clock.advance(60_000);
  await bed.core.seal.seal();
  await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  const again = await reopened(storage, bed);
  const later = await again.ask('GET', 'sys/version-history?list=true', { token: bed.rootToken });
  assert.deepEqual(later.json.data, told.json.data);
});

test('versions stand in the order in which they came, each with the one before it', async () => {
  const bed = await openBed();
  const history = new VersionHistory(bed.core.storage, bed.clock);
  for (const version of ['9.0.0', '10.0.0', '9.0.0', '__proto__']) {
    bed.clock.nowMs += 1000;
    await history.note(version);
  }
  const { keys, key_info: info } = (await bed.root('LIST', 'sys/version-history')).json.data;
  assert.deepEqual(keys, [wireVersion, '9.0.0', '10.0.0', '__proto__']);
  const before = keys.map((key: string) => Object.getOwnPropertyDescriptor(info, key)?.value.previous_version);
  assert.deepEqual(before, [null, wireVersion, '9.0.0', '10.0.0']);
});

test('two that note the same version at the same time note it once', async () => {
  const bed = await openBed();
  const history = new VersionHistory(bed.core.storage, bed.clock);
  await Promise.all([history.note('9.0.0'), history.note('9.0.0')]);
  assert.deepEqual(
    (await history.list()).map(({ version }) => version),
    [wireVersion, '9.0.0'],
  );
});

test('a store that cannot take the note opens, says so in the log, and takes it the next time', async () => {
  const store = openMemoryStore();
  const bed = await openBed({ storage: store, audit: false });
  await bed.core.storage.commit({ writes: [{ key: `version/${wireVersion}`, value: undefined }] });
  const { storage, state } = dying(store);
  const failing = await openBed({ storage, closed: true, audit: false });
  state.dies = 'before';
  await failing.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  assert.equal((await failing.ask('GET', 'sys/mounts', { token: bed.rootToken })).status, 200);
  assert.ok(failing.logged.some(line => /could not be put into the history of versions/.test(line)));
  const again = await reopened(store, bed);
  const told = await again.ask('LIST', 'sys/version-history', { token: bed.rootToken });
  assert.deepEqual(told.json.data.keys, [wireVersion]);
});

test('there are no namespaces below the root, whoever asks', async () => {
  const bed = await openBed();
  for (const token of [undefined, bed.rootToken]) {
    const told = await bed.ask('GET', 'sys/internal/ui/namespaces', { token });
    assert.deepEqual([told.status, told.json.data], [200, {}]);
  }
  assert.equal((await bed.ask('GET', 'sys/internal/ui/namespaces', { token: 'cofs.none' })).status, 403);
});
