import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakes } from './planted.ts';
import { type Found, shrink } from './shrink.ts';
import { type Outcome, type SimulationOptions, simulate } from './simulate.ts';

const faults = 12;

/** Goes wrong where there are so many operations and none of these faults is left out. */
const runThatNeeds =
  (least: number, needed: readonly number[]) =>
  ({ seed, operations = 0, without = new Set() }: SimulationOptions): Promise<Outcome> => {
    const isWrong = operations >= least && needed.every(number => !without.has(number));
    return Promise.resolve({ seed, wrong: isWrong ? ['wrong'] : [], told: [], fingerprint: '', faults });
  };

const found = async (run: typeof simulate, options: SimulationOptions): Promise<Found> => ({
  options,
  outcome: await run(options),
});

test('what is left is what is needed', async () => {
  for (const least of [1, 7, 59, 60])
    for (const needed of [[], [3], [0, 11], [2, 3, 8]]) {
      const run = runThatNeeds(least, needed);
      const { options, outcome } = await shrink(await found(run, { seed: 1, operations: 60 }), run);
      assert.deepEqual(outcome.wrong, ['wrong']);
      assert.equal(options.operations, least);
      const left = Array.from({ length: faults }, (_, number) => number).filter(one => !options.without?.has(one));
      assert.deepEqual(left, needed);
    }
});

test('a planted mistake is found in less, and the same way again', async () => {
  const bend = mistakes['preconditions are not looked at'];
  for (let seed = 1; seed <= 60; seed++) {
    const first = await found(simulate, { seed, operations: 60, bend });
    if (first.outcome.wrong.length === 0) continue;
    const { options, outcome } = await shrink(first);
    assert.ok(outcome.told.length < first.outcome.told.length);
    assert.ok((options.operations ?? 0) < 60 || (options.without?.size ?? 0) > 0);
    assert.equal((await simulate(options)).fingerprint, outcome.fingerprint);
    return;
  }
  assert.fail('not found in 60 seeds');
});

test('a fault that is left out is not in the story, the others are numbered as before', async () => {
  const strikes = ({ told }: Outcome): readonly string[] =>
    told.flatMap(line => line.match(/fault \d+: .*/)?.[0] ?? []);
  const all = strikes(await simulate({ seed: 3, operations: 120 }));
  const fewer = strikes(await simulate({ seed: 3, operations: 120, without: new Set([0, 2]) }));
  assert.ok(all.length > 3);
  const shared = Math.min(all.length, fewer.length + 2);
  assert.deepEqual(
    fewer.slice(0, shared - 2),
    all.filter((_, number) => number !== 0 && number !== 2).slice(0, shared - 2),
  );
});
