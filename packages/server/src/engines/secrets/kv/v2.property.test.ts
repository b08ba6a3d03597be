import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineBed } from '../../../../../../test/conformance/engine-bed.ts';
import { seededDice } from '../../../../../../test/fuzz/http-dice.ts';
import { SlowKv } from '../../../../../../test/conformance/slow-kv.ts';
import { kvV2 } from './v2.ts';

const runs = 60;
const stepsEach = 120;

type Dice = (sides: number) => number;
type Answer = { readonly status: number; readonly data: unknown };
interface Pair {
  readonly real: () => Promise<Answer>;
  readonly slow: () => Answer;
}

const paths = ['a', 'a/b', 'b'];
const someData = (roll: Dice): { readonly [name: string]: unknown } => ({ n: roll(100), o: { x: roll(3) } });
const somePatch = (roll: Dice): { readonly [name: string]: unknown } =>
  [{ n: null }, { o: { x: null, y: roll(9) } }, { p: roll(9) }, { o: 1 }, { o: null }][roll(5)] ?? {};

const pairOf = (bed: EngineBed, model: SlowKv, roll: Dice): Pair => {
  const path = paths[roll(paths.length)] ?? 'a';
  const cas = [undefined, undefined, 0, 1, 2, 5][roll(6)];
  const options = cas === undefined ? {} : { cas };
  const versions = [roll(8), roll(8)];
  const data = someData(roll);
  const patch = somePatch(roll);
  const max = roll(5);
  const seconds = roll(4) * 10;
  const version = String(roll(9));
  const choices: readonly Pair[] = [
    {
      real: () => bed.call('write', `data/${path}`, { body: { data, options } }),
      slow: () => model.write(path, data, cas),
    },
    {
      real: () => bed.call('write', `data/${path}`, { body: { data } }),
      slow: () => model.write(path, data, undefined),
    },
    {
      real: () => bed.call('patch', `data/${path}`, { body: { data: patch, options } }),
      slow: () => model.patch(path, patch, cas),
    },
    { real: () => bed.call('delete', `data/${path}`), slow: () => model.mark('latest', path, []) },
    {
      real: () => bed.call('write', `delete/${path}`, { body: { versions } }),
      slow: () => model.mark('delete', path, versions),
    },
    {
      real: () => bed.call('write', `undelete/${path}`, { body: { versions } }),
      slow: () => model.mark('undelete', path, versions),
    },
    {
      real: () => bed.call('write', `destroy/${path}`, { body: { versions } }),
      slow: () => model.mark('destroy', path, versions),
    },
    {
      real: () => bed.call('write', `metadata/${path}`, { body: { max_versions: max, delete_version_after: seconds } }),
      slow: () => model.settings(path, max, seconds),
    },
    {
      real: () => bed.call('write', 'config', { body: { max_versions: max, delete_version_after: seconds } }),
      slow: () => model.config(max, seconds),
    },
    {
      real: () => bed.call('read', `data/${path}`, { query: { version } }),
      slow: () => model.read(path, Number(version)),
    },
    { real: () => bed.call('read', `data/${path}`), slow: () => model.read(path, 0) },
    { real: () => bed.call('read', `metadata/${path}`), slow: () => model.metadata(path) },
    { real: () => bed.call('list', 'metadata'), slow: () => model.list() },
    roll(4) === 0
      ? { real: () => bed.call('delete', `metadata/${path}`), slow: () => model.remove(path) }
      : { real: () => bed.call('scan', 'metadata'), slow: () => model.scan() },
  ];
  return choices[roll(choices.length)] as Pair;
};

const run = async (seed: number): Promise<void> => {
  const roll: Dice = seededDice(seed).below;
  const bed = new EngineBed(kvV2);
  bed.storage.slow = roll(2) === 0;
  const model = new SlowKv(() => bed.clock.now());
  for (let step = 0; step < stepsEach; step += 1) {
    if (roll(3) === 0) bed.clock.turn(roll(15_000));
    const pair = pairOf(bed, model, roll);
    const { status, data } = await pair.real();
    const expected = pair.slow();
    assert.deepEqual([status, data], [expected.status, expected.data], `seed ${seed}, step ${step}`);
  }
  const values = [...(await bed.storage.dump()).keys()].filter(key => key.startsWith('v/'));
  assert.deepEqual(new Set(values), model.stored(), `seed ${seed}: values kept`);
};

test('versions behave as the obvious model does', async () => {
  for (let seed = 1; seed <= runs; seed += 1) await run(seed);
});
