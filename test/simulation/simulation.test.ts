/** D16: whole worlds in which things go wrong. A seed that fails is run again by `npm run simulate -- --seed N`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './simulate.ts';

const seeds = 150;

test('the same seed is the same history, another seed is another', async () => {
  const [one, again, other] = [await simulate({ seed: 7 }), await simulate({ seed: 7 }), await simulate({ seed: 8 })];
  assert.deepEqual(one.told, again.told);
  assert.equal(one.fingerprint, again.fingerprint);
  assert.notEqual(one.fingerprint, other.fingerprint);
});

test(`nothing is lost, old or done twice in ${seeds} worlds`, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { wrong } = await simulate({ seed });
    assert.deepEqual(wrong, [], `npm run simulate -- --seed ${seed}`);
  }
});
