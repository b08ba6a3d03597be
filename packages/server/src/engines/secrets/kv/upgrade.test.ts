import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CutOff, EngineBed, type MemoryMount } from '../../../../../../test/conformance/engine-bed.ts';
import { TestClock } from '../../../../../../test/conformance/seal-bed.ts';
import { realRandom } from '../../../platform/random/real.ts';
import { upgradeV1ToV2 } from './upgrade.ts';
import { kvV1 } from './v1.ts';
import { kvV2 } from './v2.ts';

const ports = { clock: new TestClock(), random: realRandom() };
const count = 40;
const jsonOf = (index: number): string => `{"n":80192104205275064${String(index).padStart(2, '0')}, "x":null}`;

/** A version 1 bed with secrets, and a version 2 bed over the same records. */
const beds = async (): Promise<{
  readonly old: EngineBed;
  readonly fresh: EngineBed;
  readonly storage: MemoryMount;
}> => {
  const old = new EngineBed(kvV1);
  for (let index = 0; index < count; index += 1) await old.call('write', `app/${index}`, { json: jsonOf(index) });
  const fresh = new EngineBed(kvV2);
  Object.assign(fresh, { storage: old.storage });
  return { old, fresh, storage: old.storage };
};

const checkUpgraded = async (fresh: EngineBed): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    const { status, text } = await fresh.call('read', `data/app/${index}`);
    assert.equal(status, 200);
    assert.ok(text.startsWith(`{"data":${jsonOf(index)},"metadata":{`), text);
    assert.ok(text.endsWith('"version":1}}'), text);
  }
  const { data } = await fresh.call('scan', 'metadata');
  assert.equal((data as { readonly keys: readonly string[] }).keys.length, count);
  assert.ok([...(await fresh.storage.dump()).keys()].every(key => !key.startsWith('d/')));
};

test('secrets become first versions, byte for byte, and can be written on', async () => {
  const { fresh, storage } = await beds();
  assert.equal(await upgradeV1ToV2(storage, ports), count);
  await checkUpgraded(fresh);
  const { data } = await fresh.call('write', 'data/app/1', { body: { data: {}, options: { cas: 1 } } });
  assert.equal((data as { readonly version: number }).version, 2);
});

test('upgrading again, or an empty mount, changes nothing', async () => {
  const { storage } = await beds();
  await upgradeV1ToV2(storage, ports);
  const before = await storage.dump();
  const { commits } = storage;
  assert.equal(await upgradeV1ToV2(storage, ports), 0);
  assert.deepEqual(await storage.dump(), before);
  assert.equal(storage.commits, commits);
});

test('F1: an upgrade cut off at any commit goes on where it was', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let commit = 0; commit < 3; commit += 1) {
      const { fresh, storage } = await beds();
      storage.cut = { commit: storage.commits + commit, when };
      await assert.rejects(upgradeV1ToV2(storage, ports), CutOff);
      await upgradeV1ToV2(storage, ports);
      await checkUpgraded(fresh);
    }
  }
});

test('two upgrades at once move each secret once', async () => {
  const { fresh, storage } = await beds();
  storage.meanwhile = async () => {
    await upgradeV1ToV2(storage, ports);
  };
  assert.equal(await upgradeV1ToV2(storage, ports), 0);
  await checkUpgraded(fresh);
});
