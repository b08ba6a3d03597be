import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight } from './in-flight.ts';

/** Questions that wait for their answers until the test gives them. */
class Questions {
  readonly open: { readonly key: string; readonly done: (answer: string) => void; readonly fail: () => void }[] = [];
  readonly flight = new InFlight<string>();

  ask(key: string): Promise<string> {
    return this.flight.share(
      key,
      () =>
        new Promise((done, failed) => {
          this.open.push({ key, done, fail: () => failed(new Error('failed')) });
        }),
    );
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

test('one question for all who ask at once, and another for all who ask while it is under way', async () => {
  const questions = new Questions();
  const early = Array.from({ length: 100 }, () => questions.ask('a'));
  await settle();
  assert.equal(questions.open.length, 1);
  const late = Array.from({ length: 100 }, () => questions.ask('a'));
  await settle();
  assert.equal(questions.open.length, 1, 'the second waits for the first');
  questions.open[0]?.done('old');
  await settle();
  questions.open[1]?.done('new');
  assert.deepEqual(new Set(await Promise.all(early)), new Set(['old']));
  assert.deepEqual(new Set(await Promise.all(late)), new Set(['new']));
  assert.equal(questions.open.length, 2);
});

test('a failure is told to those who shared it alone', async () => {
  const questions = new Questions();
  const [first, second] = [questions.ask('a'), questions.ask('a')];
  await settle();
  const third = questions.ask('a');
  questions.open[0]?.fail();
  await assert.rejects(first);
  await assert.rejects(second);
  await settle();
  questions.open[1]?.done('fine');
  assert.equal(await third, 'fine');
});

test('sixteen at the same time, the others in turn', async () => {
  const questions = new Questions();
  const all = Array.from({ length: 40 }, (_, at) => questions.ask(String(at)));
  await settle();
  assert.equal(questions.open.length, 16);
  for (let at = 0; at < 40; at += 1) {
    if (at % 2 === 0) questions.open[at]?.done('fine');
    else questions.open[at]?.fail();
    await settle();
    assert.equal(questions.open.length, Math.min(40, 17 + at));
  }
  const ends = await Promise.allSettled(all);
  assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 20);
});

test('a crowd that never ends is refused', async () => {
  const questions = new Questions();
  for (let at = 0; at < 16; at += 1) void questions.ask(`sent ${at}`);
  await settle();
  for (let at = 0; at < 10_000; at += 1) void questions.ask(`waits ${at}`);
  await assert.rejects(questions.ask('one more'), /too many reads wait/);
  void questions.ask('waits 0');
});
