import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeServer } from '@coffer/client/fake.ts';
import type { Child, Ended, Processes, StartFailure } from './surroundings.ts';
import { Supervisor } from './supervisor.ts';

class FakeChild implements Child {
  readonly got: string[] = [];
  readonly ended: Promise<Ended>;
  end: (ended: Ended) => void = () => undefined;

  constructor() {
    this.ended = new Promise(done => {
      this.end = done;
    });
  }

  kill(signal: string): void {
    this.got.push(signal);
  }
}

class Bed implements Processes {
  readonly children: FakeChild[] = [];
  readonly time = new FakeServer();
  readonly said: string[] = [];
  failure: StartFailure | undefined;
  readonly supervisor = new Supervisor(this, this.time.runtime().after, {
    command: ['program'],
    graceMs: 10_000,
    restartEveryMs: 30_000,
    say: line => this.said.push(line),
  });

  async start(): Promise<Child | StartFailure> {
    if (this.failure !== undefined) return this.failure;
    const child = new FakeChild();
    this.children.push(child);
    return child;
  }

  onSignal(): () => void {
    return () => undefined;
  }

  signalExit(signal: string): number {
    return signal === 'SIGTERM' ? 143 : 137;
  }

  async run(): Promise<Promise<number>[]> {
    const code = this.supervisor.run(() => new Map());
    await this.time.settle();
    return [code];
  }
}

const ended = (code: number): Ended => ({ code, signal: null });
const killed = (signal: string): Ended => ({ code: null, signal });

test('the exit is the program’s, by code or by signal', async () => {
  for (const [how, code] of [
    [ended(7), 7],
    [killed('SIGTERM'), 143],
  ] as const) {
    const bed = new Bed();
    const [done] = await bed.run();
    bed.children[0]?.end(how);
    assert.equal(await done, code);
    assert.equal(bed.time.timers, 0);
  }
});

test('a program that cannot be started has the codes of shells', async () => {
  for (const [failure, code] of [
    ['not_found', 127],
    ['not_executable', 126],
  ] as const) {
    const bed = new Bed();
    bed.failure = failure;
    assert.equal(await (await bed.run())[0], code);
    assert.match(bed.said[0] ?? '', /^program: /);
  }
});

test('a restart asks, waits for the grace period, and starts again', async () => {
  const bed = new Bed();
  const [done] = await bed.run();
  bed.supervisor.restart();
  assert.deepEqual(bed.children[0]?.got, ['SIGTERM']);
  await bed.time.next();
  assert.deepEqual(bed.children[0]?.got, ['SIGTERM', 'SIGKILL']);
  bed.children[0]?.end(killed('SIGKILL'));
  await bed.time.settle();
  assert.equal(bed.children.length, 2);
  bed.children[1]?.end(ended(0));
  assert.equal(await done, 0);
});

test('F8: many changes are one restart now and one at the end of the interval', async () => {
  const bed = new Bed();
  void (await bed.run());
  bed.supervisor.restart();
  bed.children[0]?.end(killed('SIGTERM'));
  await bed.time.settle();
  for (let change = 0; change < 100; change += 1) bed.supervisor.restart();
  await bed.time.settle();
  assert.equal(bed.children.length, 2);
  assert.deepEqual(bed.children[1]?.got, []);
  await bed.time.next();
  assert.deepEqual(bed.children[1]?.got, ['SIGTERM']);
  bed.children[1]?.end(killed('SIGTERM'));
  await bed.time.settle();
  assert.equal(bed.children.length, 3);
  await bed.time.next();
  assert.deepEqual(bed.children[2]?.got, []);
});

test('whoever asks for the end during a restart gets the end', async () => {
  const bed = new Bed();
  const [done] = await bed.run();
  bed.supervisor.restart();
  bed.supervisor.signal('SIGTERM');
  bed.children[0]?.end(killed('SIGTERM'));
  assert.equal(await done, 143);
  assert.equal(bed.children.length, 1);
});

test('signals are handed on; one that says that a secret changed asks for no end', async () => {
  const bed = new Bed();
  const [done] = await bed.run();
  bed.supervisor.signal('SIGUSR1');
  bed.supervisor.notify('SIGHUP');
  assert.deepEqual(bed.children[0]?.got, ['SIGUSR1', 'SIGHUP']);
  bed.children[0]?.end(ended(0));
  assert.equal(await done, 0);
});
