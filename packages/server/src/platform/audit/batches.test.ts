/** A device that hangs, fails and comes back, on a clock that the test turns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchDevice, lookEveryMs, type Target } from './batches.ts';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise(done => setImmediate(done));
};

const limitMs = 2000;

class Stage implements Target {
  nowMs = 0;
  readonly taken: string[] = [];
  closed = 0;
  tasks: { atMs: number; task: () => void }[] = [];
  #held: { text: string; settle: PromiseWithResolvers<void> } | undefined;
  isHanging = false;
  readonly device: BatchDevice;

  constructor() {
    const after = (delayMs: number, task: () => void): (() => void) => {
      const entry = { atMs: this.nowMs + delayMs, task };
      this.tasks.push(entry);
      return () => {
        this.tasks = this.tasks.filter(one => one !== entry);
      };
    };
    const clock = { now: () => this.nowMs, monotonic: () => this.nowMs, after };
    this.device = new BatchDevice({ path: 'one/', type: 'test', target: this, clock, limitMs });
  }

  readonly write = async (bytes: Buffer): Promise<void> => {
    const text = bytes.toString();
    if (this.isHanging) {
      this.#held = { text, settle: Promise.withResolvers() };
      await this.#held.settle.promise;
    }
    this.taken.push(...text.split('\n').slice(0, -1));
  };
  readonly reopen = async (): Promise<void> => undefined;
  readonly close = async (): Promise<void> => void this.closed++;

  async release(cause?: Error): Promise<void> {
    const settle = this.#held?.settle;
    if (cause === undefined) settle?.resolve();
    else settle?.reject(cause);
    await turns();
  }

  async advance(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= lookEveryMs) {
      this.nowMs += Math.min(leftMs, lookEveryMs);
      const due = this.tasks.filter(({ atMs }) => atMs <= this.nowMs);
      this.tasks = this.tasks.filter(one => !due.includes(one));
      for (const { task } of due) task();
      await turns();
    }
  }

  async told(record: string): Promise<string> {
    let told = 'waiting';
    this.device.write([record]).then(
      () => (told = 'taken'),
      (cause: { message: string }) => (told = cause.message),
    );
    await turns();
    return told;
  }
}

const tooSlow = 'audit device one/: it is too slow';

test('F3: who waits for a device that hangs is told within the limit and one look, and the next at once', async () => {
  const stage = new Stage();
  stage.isHanging = true;
  const written = ['a', 'b'].map(record => stage.device.write([record]).catch((cause: Error) => cause.message));
  await turns();
  const later = stage.device.write(['c']).catch((cause: Error) => cause.message);
  await stage.advance(limitMs + lookEveryMs);
  assert.deepEqual(await Promise.all([...written, later]), [tooSlow, tooSlow, tooSlow]);
  assert.equal(await stage.told('d'), tooSlow);
});

test('F3: what a slow device was given is written once it takes it, in order, and it counts again', async () => {
  const stage = new Stage();
  stage.isHanging = true;
  stage.device.write(['a']).catch(() => {});
  await turns();
  await stage.advance(limitMs + lookEveryMs);
  assert.equal(await stage.told('b'), tooSlow);
  stage.isHanging = false;
  await stage.release();
  assert.deepEqual(stage.taken, ['a', 'b']);
  assert.equal(await stage.told('c'), 'taken');
  assert.deepEqual(stage.taken, ['a', 'b', 'c']);
});

test('F3: a device that was slow and then fails stays passed by until a write succeeds', async () => {
  const stage = new Stage();
  stage.isHanging = true;
  stage.device.write(['a']).catch(() => {});
  await turns();
  await stage.advance(limitMs + lookEveryMs);
  await stage.release(new Error('gone'));
  assert.equal(await stage.told('b'), tooSlow);
  stage.isHanging = false;
  await stage.release(new Error('gone'));
  assert.equal(await stage.told('c'), tooSlow);
  assert.equal(await stage.told('d'), 'taken');
  assert.deepEqual(stage.taken, ['c', 'd']);
});

test('F3: a slow device keeps no more than its bound', async () => {
  const stage = new Stage();
  stage.isHanging = true;
  stage.device.write(['a']).catch(() => {});
  await turns();
  await stage.advance(limitMs + lookEveryMs);
  const large = 'x'.repeat(6_000_000);
  for (let at = 0; at < 5; at++) await assert.rejects(stage.device.write([large]));
  stage.isHanging = false;
  await stage.release();
  assert.deepEqual(
    stage.taken.map(record => record.length),
    [1, large.length, large.length, large.length],
  );
});

test('a device with nothing to do starts no timers; with much to do, one for each look', async () => {
  const stage = new Stage();
  for (let at = 0; at < 100; at++) assert.equal(await stage.told('a'), 'taken');
  assert.equal(stage.tasks.length, 1);
  await stage.advance(lookEveryMs);
  assert.equal(stage.tasks.length, 0);
});

test('closing waits for what is to be written, not for a device that hangs', async () => {
  const stage = new Stage();
  const written = stage.device.write(['a']);
  await stage.device.close();
  await written;
  assert.deepEqual([stage.taken, stage.closed, stage.tasks.length], [['a'], 1, 1]);
  const stuck = new Stage();
  stuck.isHanging = true;
  stuck.device.write(['a']).catch(() => {});
  await turns();
  const closing = stuck.device.close();
  await stuck.advance(limitMs + lookEveryMs);
  await closing;
  assert.equal(stuck.closed, 1);
});
