import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff } from './back-off.ts';
import { DueTimes } from './due-times.ts';
import { type Next, WorkQueue } from './work-queue.ts';

/** Time that stands until it is moved. */
class StandingClock {
  #nowMs = 0;
  #tasks: { readonly atMs: number; readonly task: () => void }[] = [];

  get timers(): number {
    return this.#tasks.length;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter(other => other !== entry);
    };
  }

  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#tasks.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#tasks = this.#tasks.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { task } of due) task();
    await settle();
  }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

interface Bed {
  readonly clock: StandingClock;
  readonly queue: WorkQueue;
  readonly started: string[];
  readonly faults: string[];
  /** Ends the oldest work of the key. */
  end(key: string, next?: Next | Error): Promise<void>;
}

const bed = (concurrency = 2): Bed => {
  const clock = new StandingClock();
  const started: string[] = [];
  const faults: string[] = [];
  const open = new Map<string, { resolve: (next: Next) => void; reject: (cause: Error) => void }>();
  const queue = new WorkQueue({
    clock,
    concurrency,
    groupOf: key => key.split('/')[0] ?? '',
    backOff: new BackOff({ firstMs: 100, limitMs: 1000 }, () => 0),
    work: key => {
      started.push(key);
      assert.equal(open.has(key), false, `${key} has two workers`);
      return new Promise((resolve, reject) => open.set(key, { resolve, reject }));
    },
    fault: key => faults.push(key),
  });
  queue.start();
  const end = async (key: string, next: Next | Error = 'done'): Promise<void> => {
    const work = open.get(key);
    open.delete(key);
    if (next instanceof Error) work?.reject(next);
    else work?.resolve(next);
    await settle();
  };
  return { clock, queue, started, faults, end };
};

test('a key waits once, and no more work on than there are workers', async () => {
  const { queue, started, end } = bed(2);
  for (const key of ['a', 'b', 'c', 'c', 'd', 'c']) queue.add(key);
  assert.deepEqual(started, ['a', 'b']);
  assert.equal(queue.waiting, 2);
  await end('a');
  await end('b');
  assert.deepEqual(started, ['a', 'b', 'c', 'd']);
});

test('what was added while it was worked on is worked on once more, by one worker at a time', async () => {
  const { queue, started, end } = bed(4);
  queue.add('a');
  queue.add('a');
  queue.add('a');
  assert.deepEqual(started, ['a']);
  await end('a');
  assert.deepEqual(started, ['a', 'a']);
  await end('a');
  assert.deepEqual(started, ['a', 'a']);
});

test('a failure comes again after its back-off, which doubles up to a bound and is forgotten with a success', async () => {
  const { queue, clock, started, end } = bed();
  queue.add('a');
  for (const waitMs of [100, 200, 400, 800, 1000, 1000]) {
    await end('a', 'failed');
    const before = started.length;
    await clock.pass(waitMs - 1);
    assert.equal(started.length, before);
    await clock.pass(1);
    assert.equal(started.length, before + 1);
  }
  await end('a', 'done');
  queue.add('a');
  await end('a', 'failed');
  const before = started.length;
  await clock.pass(100);
  assert.equal(started.length, before + 1);
});

test('a fault of the work is told and taken as a failure', async () => {
  const { queue, clock, started, faults, end } = bed();
  queue.add('a');
  await end('a', new Error('fault'));
  assert.deepEqual(faults, ['a']);
  await clock.pass(100);
  assert.deepEqual(started, ['a', 'a']);
});

test('one timer serves all keys that are due later, the earliest first', async () => {
  const { queue, clock, started } = bed(8);
  queue.addAfter('late', 300);
  queue.addAfter('soon', 100);
  queue.addAfter('late', 500);
  queue.addAfter('gone', 50);
  queue.forget('gone');
  assert.equal(clock.timers, 1);
  await clock.pass(100);
  assert.deepEqual(started, ['soon']);
  await clock.pass(200);
  assert.deepEqual(started, ['soon', 'late']);
});

test('what is worked on now is not due later as well', async () => {
  const { queue, clock, started, end } = bed();
  queue.addAfter('a', 100);
  queue.add('a');
  await end('a', { afterMs: 1000 });
  await clock.pass(999);
  assert.deepEqual(started, ['a']);
  await clock.pass(1);
  assert.deepEqual(started, ['a', 'a']);
});

test('routine work gives way to usual work and still gets its share', async () => {
  const { queue, started, end } = bed(1);
  queue.add('first');
  for (let i = 0; i < 4; i++) queue.add(`routine${i}`, 'routine');
  for (let i = 0; i < 10; i++) queue.add(`usual${i}`);
  queue.add('routine3');
  for (let i = 0; i < 15; i++) await end(started.at(-1) ?? '');
  const place = (key: string): number => started.indexOf(key);
  assert.equal(started.length, 15);
  assert.ok(place('usual0') < place('routine0'));
  assert.ok(place('routine0') < place('usual9'), 'usual work must not starve the rest');
  assert.ok(place('routine3') < place('routine2'), 'what became usual moves up');
});

test('what the store told comes before a crowd of new objects, and does not keep it waiting for ever', async () => {
  const { queue, started, end } = bed(1);
  queue.add('first');
  for (let i = 0; i < 20; i++) queue.add(`new${i}`);
  for (let i = 0; i < 6; i++) queue.add(`told${i}`, 'urgent');
  queue.add('new19', 'urgent');
  queue.add('told0', 'routine');
  for (let i = 0; i < 27; i++) await end(started.at(-1) ?? '');
  const told = ['told0', 'told1', 'told2', 'told3'];
  assert.deepEqual(started.slice(0, 9), ['first', ...told, 'new0', 'told4', 'told5', 'new19']);
  assert.equal(started.length, 27);
});

test('what presses more while a key is worked on decides how it comes again', async () => {
  const { queue, started, end } = bed(1);
  queue.add('a');
  queue.add('b');
  queue.add('a', 'routine');
  queue.add('a', 'urgent');
  queue.add('a');
  await end('a');
  assert.deepEqual(started, ['a', 'a']);
});

test('groups have their turns: nobody waits behind the crowd of somebody else', async () => {
  const { queue, started, end } = bed(1);
  queue.add('crowd/0');
  for (let i = 1; i <= 50; i++) queue.add(`crowd/${i}`);
  for (const key of ['calm/a', 'calm/b', 'quiet/a']) queue.add(key);
  for (let i = 0; i < 6; i++) await end(started.at(-1) ?? '');
  assert.deepEqual(started, ['crowd/0', 'crowd/1', 'calm/a', 'quiet/a', 'crowd/2', 'calm/b', 'crowd/3']);
  for (let i = 0; i < 47; i++) await end(started.at(-1) ?? '');
  assert.equal(new Set(started).size, 54);
  assert.equal(queue.waiting, 0);
});

test('work that hangs keeps no worker from the rest, and is still the only one on its key', async () => {
  const { queue, clock, started, end } = bed(2);
  for (const key of ['hangs/1', 'hangs/2', 'hangs/3', 'other/1']) queue.add(key);
  assert.deepEqual(started, ['hangs/1', 'hangs/2']);
  await clock.pass(1000);
  assert.deepEqual(started, ['hangs/1', 'hangs/2', 'hangs/3', 'other/1']);
  queue.add('hangs/1');
  await end('other/1');
  assert.equal(started.length, 4);
  await end('hangs/1');
  assert.deepEqual(started.slice(4), ['hangs/1']);
});

test('of what hangs there are only so many beside the workers', async () => {
  const { queue, clock, started } = bed(8);
  for (let i = 0; i < 600; i++) queue.add(`hangs/${i}`);
  for (let i = 0; i < 100; i++) await clock.pass(1000);
  assert.equal(started.length, 512 + 8);
});

test('a stop starts nothing more and waits for what is under way', async () => {
  const { queue, started, end } = bed(1);
  queue.add('a');
  queue.add('b');
  let isStopped = false;
  const stopped = queue.stop().then(() => (isStopped = true));
  await settle();
  assert.equal(isStopped, false);
  await end('a', { afterMs: 5 });
  await stopped;
  queue.add('c');
  assert.deepEqual(started, ['a']);
});

test('due times come out in order, whatever was set, moved and deleted', () => {
  const due = new DueTimes();
  const wanted = new Map<string, number>();
  let seed = 7;
  const dice = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let i = 0; i < 5000; i++) {
    const key = `k${dice(300)}`;
    if (dice(5) === 0) {
      due.delete(key);
      wanted.delete(key);
      continue;
    }
    const atMs = dice(1000);
    due.set(key, atMs);
    wanted.set(key, Math.min(wanted.get(key) ?? atMs, atMs));
  }
  assert.equal(due.size, wanted.size);
  let last = -1;
  for (let key = due.take(1000); key !== undefined; key = due.take(1000)) {
    const atMs = wanted.get(key);
    assert.ok(atMs !== undefined && atMs >= last);
    last = atMs;
    wanted.delete(key);
  }
  assert.equal(wanted.size, 0);
});
