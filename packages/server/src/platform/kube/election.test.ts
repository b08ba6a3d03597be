import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../contracts/clock.ts';
import type { KubeObject } from '../../contracts/kube.ts';
import type { Log } from '../../contracts/log.ts';
import { realRandom } from '../random/real.ts';
import { type ElectionOptions, lead, type Work } from './election.ts';
import { type KubeError, refused, unanswered } from './error.ts';

type Loose = { readonly [name: string]: unknown };
const conflict = (): KubeError => refused({ status: 409, body: undefined }, { what: 'lease', secret: false });
const absent = (): KubeError => refused({ status: 404, body: undefined }, { what: 'lease', secret: false });
const away = (): KubeError => unanswered('Unreachable', 'no API server', true);

/** A clock of steps. */
const stepped = () => {
  let monotonicMs = 0;
  let wallMs = 1_900_000_000_000;
  let tasks: { atMs: number; task: () => void }[] = [];
  const clock: Clock = {
    now: () => wallMs,
    monotonic: () => monotonicMs,
    after: (delayMs, task) => {
      const own = { atMs: monotonicMs + delayMs, task };
      tasks.push(own);
      return () => void (tasks = tasks.filter(other => other !== own));
    },
  };
  const advance = async (ms: number) => {
    for (const endMs = monotonicMs + ms; monotonicMs < endMs; ) {
      const stepMs = Math.min(250, endMs - monotonicMs);
      monotonicMs += stepMs;
      wallMs += stepMs;
      const due = tasks.filter(({ atMs }) => atMs <= monotonicMs);
      tasks = tasks.filter(({ atMs }) => atMs > monotonicMs);
      for (const { task } of due) task();
      for (let turn = 0; turn < 10; turn += 1) await new Promise(done => setImmediate(done));
    }
  };
  return { clock, advance, sleep: (ms: number) => void (wallMs += ms) };
};

/** A faked API that keeps one Lease. */
const faked = () => {
  let stored: KubeObject | undefined;
  let version = 0;
  const spec = (): Loose => (stored?.['spec'] ?? {}) as Loose;
  const put = (change: Loose): KubeObject => {
    version += 1;
    const metadata = { name: 'l', namespace: 'a', resourceVersion: String(version) };
    stored = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { ...spec(), ...change } };
    return stored;
  };
  /** What one candidate sees of it; `link.isCut` takes it away from that one alone. */
  const seenOver = (link: { readonly isCut: boolean }): ElectionOptions['kube'] => {
    const reached = async <T>(act: () => T): Promise<T> => {
      if (link.isCut) throw away();
      return act();
    };
    const mergePatch = ({ metadata, spec: change }: { metadata: { resourceVersion: string }; spec: Loose }) => {
      if (stored === undefined) throw absent();
      if (metadata.resourceVersion !== stored.metadata.resourceVersion) throw conflict();
      return put(change);
    };
    return {
      get: () => reached(() => stored),
      create: (_, object) =>
        reached(() => {
          if (stored !== undefined) throw conflict();
          return put(object['spec'] as Loose);
        }),
      mergePatch: (_, __, { patch }) => reached(() => mergePatch(patch as Parameters<typeof mergePatch>[0])),
    };
  };
  return { put, spec, seenOver, remove: () => (stored = undefined) };
};

const log: Log = { write: () => undefined, with: () => log };

const bed = () => {
  const { clock, ...time } = stepped();
  const { seenOver, ...api } = faked();
  const candidate = (identity: string) => {
    const link = { isCut: false };
    const terms: string[] = [];
    const stop = new AbortController();
    const work = async (signal: AbortSignal): Promise<void> => {
      terms.push('begin');
      await new Promise<void>(done => signal.addEventListener('abort', () => done(), { once: true }));
      terms.push('end');
    };
    const lease = { namespace: 'a', name: 'l' };
    const options = { kube: seenOver(link), clock, random: realRandom(), log, lease, identity };
    return { terms, link, stop, run: (own: Work = work): Promise<void> => lead(options, own, stop.signal) };
  };
  return { ...time, ...api, candidate };
};

test('one of two leads; when it stops it gives the lease back, and the other need not wait for its end', async () => {
  const { advance, candidate, spec } = bed();
  const [one, two] = [candidate('one'), candidate('two')];
  const first = one.run();
  await advance(500);
  const second = two.run();
  await advance(60_000);
  assert.deepEqual([one.terms, two.terms, spec()['holderIdentity']], [['begin'], [], 'one']);
  one.stop.abort();
  await first;
  assert.deepEqual([one.terms, spec()['holderIdentity']], [['begin', 'end'], '']);
  await advance(3_000);
  assert.deepEqual([two.terms, spec()['holderIdentity'], spec()['leaseTransitions']], [['begin'], 'two', 1]);
  assert.match(String(spec()['renewTime']), /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/);
  two.stop.abort();
  await second;
});

test('a leader that cannot renew has stopped before another leads', async () => {
  const { advance, candidate } = bed();
  const [one, two] = [candidate('one'), candidate('two')];
  void one.run();
  await advance(500);
  void two.run();
  await advance(5_000);
  one.link.isCut = true;
  await advance(10_500);
  assert.deepEqual([one.terms, two.terms], [['begin', 'end'], []]);
  await advance(10_000);
  assert.deepEqual([one.terms, two.terms], [['begin', 'end'], ['begin']]);
  one.link.isCut = false;
  await advance(30_000);
  assert.deepEqual([one.terms, two.terms], [['begin', 'end'], ['begin']]);
  two.stop.abort();
  await advance(3_000);
  assert.deepEqual(
    [one.terms, two.terms],
    [
      ['begin', 'end', 'begin'],
      ['begin', 'end'],
    ],
  );
  one.stop.abort();
  await advance(3_000);
});

test('a short absence of the API server costs nobody the lease', async () => {
  const { advance, candidate } = bed();
  const one = candidate('one');
  void one.run();
  await advance(500);
  for (let i = 0; i < 5; i += 1) {
    one.link.isCut = true;
    await advance(4_000);
    one.link.isCut = false;
    await advance(5_000);
  }
  assert.deepEqual(one.terms, ['begin']);
  one.stop.abort();
  await advance(3_000);
});

test('times that others wrote are not trusted: a lease counts from when it was seen to change', async () => {
  for (const renewTime of ['2001-01-01T00:00:00.000000Z', '2099-01-01T00:00:00.000000Z']) {
    const { advance, candidate, put } = bed();
    put({ holderIdentity: 'other', leaseDurationSeconds: 15, renewTime, leaseTransitions: 3 });
    const one = candidate('one');
    void one.run();
    await advance(14_000);
    assert.deepEqual(one.terms, []);
    await advance(4_500);
    assert.deepEqual(one.terms, ['begin']);
    one.stop.abort();
    await advance(3_000);
  }
});

test('a machine that slept does not go on leading', async () => {
  const { advance, candidate, sleep } = bed();
  const one = candidate('one');
  void one.run();
  await advance(500);
  one.link.isCut = true;
  sleep(60_000);
  await advance(2_750);
  assert.deepEqual(one.terms, ['begin', 'end']);
  one.stop.abort();
  await advance(3_000);
});

test('a lease that another took by force is lost at once; one that was deleted is made anew', async () => {
  const { advance, candidate, put, remove, spec } = bed();
  const one = candidate('one');
  void one.run();
  await advance(500);
  remove();
  await advance(6_000);
  assert.deepEqual([one.terms.at(-1), spec()['holderIdentity']], ['begin', 'one']);
  put({ holderIdentity: 'other' });
  await advance(5_500);
  assert.equal(one.terms.at(-1), 'end');
  one.stop.abort();
  await advance(3_000);
});

test('work that ends by itself ends the leading; what it throws is thrown, and the lease is given back', async () => {
  const { candidate, spec } = bed();
  await candidate('one').run(async () => undefined);
  assert.equal(spec()['holderIdentity'], '');
  await assert.rejects(
    candidate('one').run(async () => {
      throw new Error('a fault');
    }),
    /a fault/,
  );
  assert.equal(spec()['holderIdentity'], '');
});

test('garbage in a lease is waited out', async () => {
  const { advance, candidate, put } = bed();
  put({ holderIdentity: 7, leaseDurationSeconds: 'canary', leaseTransitions: null });
  const one = candidate('one');
  void one.run();
  await advance(16_000);
  assert.deepEqual(one.terms, ['begin']);
  one.stop.abort();
  await advance(3_000);
});

test('a leader that was paused for longer than its deadline knows by the clocks, before it hears of anything', async () => {
  const { candidate, advance, sleep } = bed();
  const { stop, run } = candidate('one');
  const held: (() => boolean)[] = [];
  const leading = run(async (signal, isHeld) => {
    held.push(isHeld);
    await new Promise<void>(done => signal.addEventListener('abort', () => done(), { once: true }));
  });
  await advance(1_000);
  assert.equal(held[0]?.(), true);
  sleep(60_000);
  assert.equal(held[0]?.(), false);
  await advance(5_000);
  assert.equal(held[0]?.(), false, 'the time after is another one');
  assert.equal(held[1]?.(), true);
  stop.abort();
  await advance(1_000);
  await leading;
});
