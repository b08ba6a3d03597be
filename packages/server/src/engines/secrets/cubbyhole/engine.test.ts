import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CutOff, EngineBed, serviceCaller } from '../../../../../../test/conformance/engine-bed.ts';
import { cubbyhole } from './engine.ts';
import { removeCubbyhole } from './storage.ts';

const as = (bed: EngineBed, tokenId: string): EngineBed => {
  bed.caller = { ...serviceCaller, tokenId };
  return bed;
};

test('what a token writes, it reads back byte for byte, and removes', async () => {
  const bed = new EngineBed(cubbyhole);
  const json = '{"b":8019210420527506405, "a":1.0}';
  assert.equal((await bed.call('write', 'x/y', { json })).status, 204);
  assert.equal((await bed.call('read', 'x/y')).text, json);
  assert.deepEqual((await bed.call('list', '')).data, { keys: ['x/'] });
  assert.deepEqual((await bed.call('scan', '')).data, { keys: ['x/y'] });
  assert.deepEqual([await bed.exists('x/y'), await bed.exists('x')], [true, false]);
  assert.equal((await bed.call('delete', 'x/y')).status, 204);
  assert.equal((await bed.call('read', 'x/y')).status, 404);
  assert.equal((await bed.call('list', '')).status, 404);
});

test('S8: no token sees what another has written, whatever its path', async () => {
  const bed = new EngineBed(cubbyhole);
  await as(bed, 'one').call('write', 'x', { json: '{"a":1}' });
  as(bed, 'on');
  for (const path of ['x', 'e/x', '../one/x', 'one/x'])
    assert.notEqual((await bed.call('read', path)).status, 200, path);
  assert.equal((await bed.call('list', '')).status, 404);
  assert.equal((await bed.call('scan', '')).status, 404);
  assert.equal((await as(bed, 'one').call('read', 'x')).status, 200);
});

test('tokens that leave no record have no cubbyhole', async () => {
  const bed = new EngineBed(cubbyhole);
  const error = "cubbyhole operations are only supported by 'service' type tokens";
  for (const tokenType of ['batch', 'none'] as const) {
    bed.caller = { ...serviceCaller, tokenType, tokenId: tokenType === 'batch' ? 'x' : undefined };
    for (const verb of ['read', 'write', 'delete', 'list', 'scan'] as const) {
      const refused = await bed.call(verb, 'x', { json: '{"a":1}' });
      assert.deepEqual([refused.status, refused.error], [400, error], verb);
    }
  }
});

test('a body without data is refused', async () => {
  const bed = new EngineBed(cubbyhole);
  assert.equal((await bed.call('write', 'x')).error, 'missing data fields');
  assert.equal((await bed.call('write', 'x', { json: '{}' })).error, 'missing data fields');
});

const filled = async (): Promise<EngineBed> => {
  const bed = new EngineBed(cubbyhole);
  for (const id of ['one', 'one2'])
    for (let index = 0; index < 600; index += 1) await as(bed, id).call('write', `${index}`, { json: '{"a":1}' });
  return bed;
};

test('a cubbyhole goes with its token, in bounded commits, and no other one', async () => {
  const bed = await filled();
  const { commits } = bed.storage;
  await removeCubbyhole(bed.storage, 'one');
  assert.equal(bed.storage.commits - commits, 3);
  const keys = [...(await bed.storage.dump()).keys()];
  assert.equal(keys.length, 600);
  assert.ok(keys.every(key => key.startsWith('t/one2/')));
  await removeCubbyhole(bed.storage, 'one');
  await removeCubbyhole(bed.storage, 'none');
  assert.equal((await bed.storage.dump()).size, 600);
});

test('F1: removing a cubbyhole that was cut off is done by running it again', async () => {
  for (const when of ['before', 'after'] as const) {
    const bed = await filled();
    bed.storage.cut = { commit: bed.storage.commits + 1, when };
    await assert.rejects(removeCubbyhole(bed.storage, 'one'), CutOff);
    await removeCubbyhole(bed.storage, 'one');
    assert.equal((await bed.storage.dump()).size, 600);
  }
});
