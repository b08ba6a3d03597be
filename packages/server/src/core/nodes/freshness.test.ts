import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Moment } from '../../contracts/storage.ts';
import { askEveryMs, Freshness, leaseMs } from './freshness.ts';

/** A clock that is turned, and questions that are answered when the test says so. */
const bed = () => {
  let monotonicMs = 0;
  let jumpedMs = 1_000_000;
  const tasks: { atMs: number; task: () => void }[] = [];
  const questions: { answer: (moment: Moment) => void; fail: () => void }[] = [];
  const clock = {
    now: () => monotonicMs + jumpedMs,
    monotonic: () => monotonicMs,
    after: (delayMs: number, task: () => void) => {
      const one = { atMs: monotonicMs + delayMs, task };
      tasks.push(one);
      return () => void tasks.splice(tasks.indexOf(one), tasks.includes(one) ? 1 : 0);
    },
  };
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  const freshness = new Freshness({
    clock,
    shared: {
      moment: () =>
        new Promise((answer, reject) => questions.push({ answer, fail: () => reject(new Error('no answer')) })),
    },
  });
  return {
    freshness,
    questions,
    jump: (ms: number) => void (jumpedMs += ms),
    pass: async (ms: number): Promise<void> => {
      monotonicMs += ms;
      for (const one of tasks.filter(({ atMs }) => atMs <= monotonicMs)) {
        tasks.splice(tasks.indexOf(one), 1);
        one.task();
      }
      await turns();
    },
    answer: async (revision: number, index = 0): Promise<void> => {
      questions.splice(index, 1)[0]?.answer({ revision, timeMs: 0 });
      await turns();
    },
    fail: async (): Promise<void> => {
      questions.shift()?.fail();
      await turns();
    },
  };
};

test('where nobody else writes it holds always, at once', async () => {
  const { freshness, pass } = bed();
  assert.equal(freshness.holds(), true);
  await pass(1e9);
  assert.equal(freshness.heldSince(freshness.losses), true);
  const clock = { now: () => 0, monotonic: () => 0, after: () => () => {} };
  assert.equal(await new Freshness({ shared: undefined, clock }).start(1), true);
});

test('the lease begins when the question was sent, and ends by both clocks', async () => {
  const { freshness, pass, answer, jump } = bed();
  void freshness.start(1000);
  assert.equal(freshness.holds(), false);
  await pass(150);
  await answer(0);
  assert.equal(freshness.holds(), true);
  await pass(leaseMs - 151);
  assert.equal(freshness.holds(), true);
  jump(1);
  assert.equal(freshness.holds(), false);
  jump(-1);
  assert.equal(freshness.holds(), true);
  jump(-1000);
  assert.equal(freshness.holds(), false);
  jump(1000);
  await pass(1);
  assert.equal(freshness.holds(), false);
});

test('it holds only once all up to the answered revision is applied', async () => {
  const { freshness, answer, pass } = bed();
  void freshness.start(1000);
  freshness.reached(4);
  await answer(6);
  assert.equal(freshness.holds(), false);
  freshness.reached(5);
  assert.equal(freshness.holds(), false);
  await pass(100);
  freshness.reached(6);
  assert.equal(freshness.holds(), true);
  await pass(leaseMs - 100);
  assert.equal(freshness.holds(), false);
});

test('of several answers the last that is applied counts; one that comes late shortens nothing', async () => {
  const { freshness, answer, pass } = bed();
  void freshness.start(1000);
  await pass(askEveryMs);
  await answer(9, 1);
  freshness.reached(9);
  await pass(leaseMs - askEveryMs);
  assert.equal(freshness.holds(), true);
  await answer(3);
  assert.equal(freshness.holds(), true);
  await pass(askEveryMs);
  assert.equal(freshness.holds(), false);
});

test('a loss is counted, also when it holds again', async () => {
  const { freshness, answer, pass, fail } = bed();
  void freshness.start(1000);
  await answer(0);
  const { losses } = freshness;
  await pass(askEveryMs);
  await answer(0);
  assert.equal(freshness.heldSince(losses), true);
  await pass(leaseMs);
  await fail();
  await pass(askEveryMs);
  while (!freshness.holds()) await answer(0);
  assert.equal(freshness.heldSince(losses), false);
  assert.equal(freshness.heldSince(freshness.losses), true);
});

test('who waits asks at once, and not for ever', async () => {
  const { freshness, answer, pass, questions } = bed();
  void freshness.start(1000);
  await answer(0);
  await pass(leaseMs + 1);
  questions.length = 0;
  const waits = freshness.whenHolds(50);
  const inVain = freshness.whenApplied(7, 40);
  await pass(40);
  assert.equal(await inVain, false);
  while (questions.length > 0) await answer(0);
  assert.equal(await waits, true);
});

test('so many questions are out at once, and none after it is stopped', async () => {
  const { freshness, pass, questions, answer } = bed();
  void freshness.start(1000);
  for (let round = 0; round < 10; round++) await pass(askEveryMs);
  assert.equal(questions.length, 4);
  freshness.stop();
  await answer(0);
  await pass(10 * askEveryMs);
  assert.equal(questions.length, 3);
});
