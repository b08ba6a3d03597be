import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rounds } from './rounds.ts';

const rig = () => {
  const timers = new Set<() => void>();
  const looks: PromiseWithResolvers<void>[] = [];
  const rounds = new Rounds({
    clock: {
      after: (_delayMs, task) => {
        timers.add(task);
        return () => timers.delete(task);
      },
    },
    everyMs: 5,
    look: () => {
      const look = Promise.withResolvers<void>();
      looks.push(look);
      return look.promise;
    },
  });
  const ring = (): void => {
    const [task] = timers;
    assert.ok(task !== undefined);
    timers.delete(task);
    task();
  };
  const done = async (index: number): Promise<void> => {
    looks[index]?.resolve();
    await new Promise(resolve => setImmediate(resolve));
  };
  return { rounds, timers, looks, ring, done };
};

test('the next look is asked for when the one before has ended', async () => {
  const { rounds, timers, looks, ring, done } = rig();
  rounds.start();
  ring();
  assert.deepEqual([looks.length, timers.size], [1, 0]);
  await done(0);
  assert.equal(timers.size, 1);
  ring();
  await done(1);
  assert.deepEqual([looks.length, timers.size], [2, 1]);
});

test('one that is under way when it is stopped, or begun anew, asks for none', async () => {
  const { rounds, timers, ring, done } = rig();
  rounds.start();
  ring();
  rounds.stop();
  await done(0);
  assert.equal(timers.size, 0);
  rounds.start();
  ring();
  rounds.stop();
  rounds.start();
  assert.equal(timers.size, 1);
  await done(1);
  assert.equal(timers.size, 1);
  rounds.start();
  assert.equal(timers.size, 1);
});
