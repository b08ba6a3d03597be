import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../contracts/clock.ts';
import type { WireAnswer, WireRequest } from '../contracts/wire.ts';
import { Deadlines } from './deadlines.ts';

const answerOf = (status: number): WireAnswer => ({ status, headers: [], body: undefined });
const request = {} as WireRequest;

/** A clock of steps: `advance` runs what is due. */
const stepped = () => {
  let nowMs = 0;
  let tasks: { atMs: number; task: () => void }[] = [];
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    after: (delayMs, task) => {
      const own = { atMs: nowMs + delayMs, task };
      tasks.push(own);
      return () => void (tasks = tasks.filter(other => other !== own));
    },
  };
  const advance = async (ms: number): Promise<void> => {
    for (const end = nowMs + ms; nowMs < end; ) {
      nowMs += Math.min(500, end - nowMs);
      const due = tasks.filter(({ atMs }) => atMs <= nowMs);
      tasks = tasks.filter(({ atMs }) => atMs > nowMs);
      for (const { task } of due) task();
      await Promise.resolve();
    }
  };
  return { clock, advance, waiting: () => tasks.length };
};

const held = () => {
  const { promise, resolve } = Promise.withResolvers<WireAnswer>();
  return { handle: () => promise, resolve };
};

test('a request in time is answered as it is, and nothing is watched when nothing is under way', async () => {
  const { clock, advance, waiting } = stepped();
  const handle = new Deadlines(clock, { seconds: 3, late: () => answerOf(500) }).handle(async () => answerOf(200));
  assert.equal((await handle(request)).status, 200);
  await advance(10_000);
  assert.equal(waiting(), 0);
});

test('a request that takes too long is answered for: never early, at most two steps late', async () => {
  const { clock, advance } = stepped();
  const slow = held();
  const deadlines = new Deadlines(clock, { seconds: 3, late: () => answerOf(500) });
  let status = 0;
  const answered = deadlines
    .handle(slow.handle)(request)
    .then(answer => (status = answer.status));
  await advance(3000);
  assert.equal(status, 0);
  await advance(2000);
  assert.equal(status, 500);
  slow.resolve(answerOf(200));
  assert.equal(await answered, 500);
});

test('of two requests only the one begun earlier is late', async () => {
  const { clock, advance } = stepped();
  const [first, second] = [held(), held()];
  const deadlines = new Deadlines(clock, { seconds: 5, late: () => answerOf(500) });
  const statuses: number[] = [];
  void deadlines
    .handle(first.handle)(request)
    .then(answer => statuses.push(answer.status));
  await advance(4000);
  void deadlines
    .handle(second.handle)(request)
    .then(answer => statuses.push(answer.status));
  await advance(3500);
  assert.deepEqual(statuses, [500]);
  second.resolve(answerOf(200));
  await advance(500);
  assert.deepEqual(statuses, [500, 200]);
});

test('a failure is passed on', async () => {
  const { clock } = stepped();
  const handle = new Deadlines(clock, { seconds: 1, late: () => answerOf(500) }).handle(async () => {
    throw new TypeError('no');
  });
  await assert.rejects(handle(request), TypeError);
});

test('an answer without an end that comes too late is told that nobody reads it', async () => {
  const { clock, advance } = stepped();
  const slow = held();
  const answered = new Deadlines(clock, { seconds: 3, late: () => answerOf(500) }).handle(slow.handle)(request);
  await advance(5000);
  assert.equal((await answered).status, 500);
  let isStopped = false;
  const over = { done: true, value: undefined } as const;
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => assert.fail('nobody reads it'),
      return: async () => {
        isStopped = true;
        return over;
      },
    }),
  };
  slow.resolve({ ...answerOf(200), body });
  await new Promise(done => setImmediate(done));
  assert.equal(isStopped, true);
});
