/**
 * Weeks in the life of a store, in a few seconds: nothing that is in memory or in storage may grow with them. What is alive is
 * counted at rest, when all that was made has ended, after weeks that filled what is bounded.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive } from './alive.ts';
import { beginLife, recordsByKind, type Course, type Life } from './life.ts';

const warmWeeks = 3;
const weeks = 4;
/** A week has 420 acts of some thirty kinds: whatever leaves an object behind each time leaves more of them. */
const slack = 60;
/** What the largest caches of texts may hold. */
const textsLimit = 1024;

const livedThrough = async (life: Life, count: number): Promise<void> => {
  for (let week = 0; week < count; week++) {
    await life.week();
    await life.rest();
  }
};

const stateOf = async (life: Life) => {
  const { core, clock, world } = life.bed;
  return {
    records: await recordsByKind(life),
    timers: clock.timers,
    inFlight: core.inFlight.count,
    followers: core.events.count,
    slow: core.slow.running + core.slow.waiting,
    mounts: core.mounts.list('secret').length + core.mounts.list('auth').length,
    users: world.users.size,
    atWork: world.atWork,
    handles: process.getActiveResourcesInfo().length,
  };
};

const staysAsItWas = async (course: Course, note: (text: string) => void): Promise<void> => {
  const life = await beginLife(course);
  await livedThrough(life, warmWeeks);
  alive();
  const [stateBefore, before] = [await stateOf(life), alive()];
  await livedThrough(life, weeks);
  const [stateAfter, after] = [await stateOf(life), alive()];
  assert.deepEqual(stateAfter, stateBefore);
  for (const [name, allowed] of [
    ['objects', slack],
    ['functions', slack],
    ['waiting', 0],
    ['maps', slack],
    ['sets', 10],
  ] as const)
    assert.ok(after[name] - before[name] <= allowed, `${name}: ${before[name]}, ${weeks} weeks later ${after[name]}`);
  assert.ok(after.largest <= textsLimit, `a map or set has ${after.largest} entries`);
  note(`${JSON.stringify(before)}, ${weeks} weeks later ${JSON.stringify(after)}`);
};

for (const course of [
  { seed: 1, seals: true },
  { seed: 2, seals: false },
]) {
  const way = course.seals ? 'that is sealed and opened now and then' : 'that is never sealed';
  test(`weeks leave nothing behind in a store ${way} (seed ${course.seed})`, context =>
    staysAsItWas(course, text => context.diagnostic(text)));
}
