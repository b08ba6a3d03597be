/** Nobody waits for ever for anybody, whatever is made and taken away at once: see `crowd.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crowd } from './crowd.ts';

const given = process.env['COFFER_SEED'];
const seeds = given === undefined ? Array.from({ length: 30 }, (_, at) => at + 1) : [Number(given)];

test('changes of everything at once, with sealing in between: all are answered, and no lock is left held', async context => {
  const statuses = new Map<number, number>();
  for (const seed of seeds) {
    const crowd = await Crowd.gather(seed);
    try {
      await crowd.live();
      await crowd.proveFree();
      assert.deepEqual(crowd.odd, []);
      assert.equal(crowd.bed.core.inFlight.count, 0);
      assert.equal(crowd.bed.world.atWork, 0);
    } catch (cause) {
      throw new Error(`seed ${seed} (COFFER_SEED=${seed} repeats it)`, { cause });
    }
    for (const [status, count] of crowd.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count);
  }
  assert.ok((statuses.get(204) ?? 0) > 1000, 'hardly anything was done');
  context.diagnostic(
    `${seeds.length} seeds; ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`,
  );
});
