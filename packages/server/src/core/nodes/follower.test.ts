import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeOrGap } from '../../contracts/storage.ts';
import { Follower } from './follower.ts';

const change = (revision: number, ...keys: readonly string[]): ChangeOrGap => ({ revision, keys, events: [] });

/** Follows what is given, once for each time that it begins; what is done is written down. */
const following = async (given: readonly (readonly ChangeOrGap[])[], fails = 0) => {
  const done: string[] = [];
  const rounds = [...given];
  let failures = fails;
  const over = Promise.withResolvers<void>();
  const follower = new Follower({
    storage: {
      changes: async function* (since) {
        done.push(`from ${since}`);
        const round = rounds.shift();
        if (round === undefined) over.resolve();
        yield* round ?? [];
        await (round === undefined ? new Promise(() => {}) : undefined);
      },
    },
    cache: {
      forget: (keys, revision) => void done.push(`forget ${keys.join()} ${revision}`),
      clear: () => void done.push('clear'),
    },
    followed: [
      {
        prefixes: ['a/', 'b'],
        changed: async keys => {
          await Promise.resolve();
          if (failures-- > 0) throw new Error('the storage is away');
          done.push(`one ${keys.join()}`);
        },
        renewed: () => void done.push('one anew'),
      },
      {
        prefixes: ['c/'],
        changed: keys => void done.push(`two ${keys.join()}`),
        renewed: () => void done.push('two anew'),
      },
    ],
    clock: { now: () => 0, monotonic: () => 0, after: (_, task) => (queueMicrotask(task), () => {}) },
    log: { write: (level, message) => void done.push(`${level} ${message}`), with: () => assert.fail() },
    reached: revision => void done.push(`reached ${revision}`),
  });
  follower.start(3);
  await over.promise;
  follower.stop();
  return done;
};

test('records are forgotten, what is made of them is made anew in order, then the revision is reached', async () => {
  assert.deepEqual(await following([[change(4, 'c/1', 'x', 'b', 'a/2'), change(5, 'y')]]), [
    'reached 3',
    'from 3',
    'forget c/1,x,b,a/2 4',
    'one b,a/2',
    'two c/1',
    'reached 4',
    'forget y 5',
    'reached 5',
    'from 5',
  ]);
});

test('after a gap everything is made anew', async () => {
  assert.deepEqual(await following([[{ compacted: 9 }, change(9, 'x')]]), [
    'reached 3',
    'from 3',
    'clear',
    'one anew',
    'two anew',
    'reached 8',
    'forget x 9',
    'reached 9',
    'from 9',
  ]);
});

test('what fails is tried again from where it was, and told once', async () => {
  assert.deepEqual(await following([[change(4, 'a/')], [change(4, 'a/')], [change(4, 'a/')]], 2), [
    'reached 3',
    'from 3',
    'forget a/ 4',
    'warn what other nodes wrote could not be followed; trying again',
    'from 3',
    'forget a/ 4',
    'from 3',
    'forget a/ 4',
    'one a/',
    'reached 4',
    'from 4',
  ]);
});
