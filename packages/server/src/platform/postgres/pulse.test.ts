import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { HeadMark } from './head.ts';
import type { Link } from './link.ts';
import { Pulse } from './pulse.ts';
import { int8, type Row } from './wire.ts';

const row = (revision: number): Row => [int8(revision), int8(1_000), int8(1), Buffer.from('store')];

/** A database whose answers are given one by one, or as `answer` does. */
const fakeDatabase = (answer?: () => Promise<unknown>) => {
  const questions: ((revision: number) => void)[] = [];
  const link = {
    broken: false,
    listen: () => undefined,
    run: async () => [],
    ask:
      answer ??
      (() => new Promise(resolve => questions.push(revision => resolve({ rows: [row(revision)], tag: 'SELECT 1' })))),
    close: async () => undefined,
  };
  const mark = new HeadMark({ first: { revision: 0, store: 'store' }, fatal: () => undefined, moved: () => undefined });
  const statement = { name: '', text: '' };
  const pulse = new Pulse({
    open: async () => link as unknown as Link,
    question: { statement, values: [] },
    listen: { statement, values: [] },
    mark,
  });
  return { pulse, questions, mark };
};

const asked = async (questions: readonly unknown[], count: number): Promise<void> => {
  for (let waitedMs = 0; questions.length < count && waitedMs < 10_000; waitedMs += 2) await wait(2);
  assert.equal(questions.length, count);
};

test('those who ask while a question is under way share one that is sent afterwards', async () => {
  const { pulse, questions } = fakeDatabase();
  const first = pulse.moment();
  await asked(questions, 1);
  const others = [pulse.moment(), pulse.moment(), pulse.moment()];
  questions[0]?.(1);
  assert.equal((await first).revision, 1);
  await asked(questions, 2);
  questions[1]?.(5);
  for (const other of others) assert.equal((await other).revision, 5);
});

test('one loop asks for all who follow, however they come and go, and ends with the last of them', async () => {
  let count = 0;
  const { pulse } = fakeDatabase(async () => {
    count++;
    return { rows: [row(count)], tag: 'SELECT 1' };
  });
  for (let round = 0; round < 20; round++) pulse.follow()();
  const stay = pulse.follow();
  await wait(1_000);
  stay();
  assert.ok(count > 1 && count < 40, `${count} questions in a second`);
  await wait(500);
  const atEnd = count;
  await wait(500);
  assert.equal(count, atEnd);
  await pulse.close();
});
