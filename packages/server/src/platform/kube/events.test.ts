import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kube, KubeObject } from '../../contracts/kube.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import { realRandom } from '../random/real.ts';
import { refused, unanswered } from './error.ts';
import { eventTeller } from './events.ts';

const thing = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'x/v1',
  kind: 'Thing',
  metadata: { name, namespace: 'a', uid: `uid-${name}`, ...more },
});
const ready = { type: 'Normal', reason: 'Ready', note: 'all is well' } as const;

/** A faked API that keeps events, and fails on demand. */
const bed = () => {
  const made: KubeObject[] = [];
  const patched: string[] = [];
  const lines: string[] = [];
  const time = { nowMs: Date.parse('2030-01-01T00:00:00.123Z') };
  let failure: Error | undefined;
  const log: Log = {
    write: (_, message, fields) => void lines.push(`${message}: ${String(fields?.['reason'] ?? fields?.['dropped'])}`),
    with: () => log,
  };
  const clock: Clock = {
    now: () => time.nowMs,
    monotonic: () => time.nowMs,
    after: (delayMs, task) => {
      setImmediate(() => ((time.nowMs += delayMs), task()));
      return () => undefined;
    },
  };
  const kube: Pick<Kube, 'create' | 'mergePatch'> = {
    create: async (_, object) => {
      if (failure !== undefined) throw failure;
      made.push(object);
      return object;
    },
    mergePatch: async (_, at, { patch }) => {
      if (failure !== undefined) throw failure;
      if (!made.some(({ metadata }) => metadata.name === at.name))
        throw refused({ status: 404, body: undefined }, { what: 'patch', secret: false });
      patched.push(`${at.name} ${(patch as { count: number }).count}`);
      return thing('x');
    },
  };
  const aborter = new AbortController();
  const options = { kube, clock, random: realRandom(), log, component: 'coffer', instance: 'pod-1' };
  const teller = eventTeller(options, aborter.signal);
  const settle = async (turns = 20) => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise(done => setImmediate(done));
  };
  return {
    made,
    patched,
    lines,
    time,
    teller,
    settle,
    stop: () => aborter.abort(),
    fail: (error?: Error) => (failure = error),
  };
};

test('an event is one of the core, about its object, in its namespace', async () => {
  const { made, teller, settle, stop } = bed();
  teller.tell(thing('x', { resourceVersion: '7' }), ready);
  teller.tell({ ...thing('c'), metadata: { name: 'c' } }, ready);
  await settle();
  stop();
  const { metadata, ...event } = made[0] ?? assert.fail();
  assert.match(metadata.name, /^x\.[0-9a-f]{16}$/);
  assert.deepEqual(event, {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: {
      apiVersion: 'x/v1',
      kind: 'Thing',
      name: 'x',
      namespace: 'a',
      uid: 'uid-x',
      resourceVersion: '7',
    },
    type: 'Normal',
    reason: 'Ready',
    message: 'all is well',
    source: { component: 'coffer' },
    reportingComponent: 'coffer',
    reportingInstance: 'pod-1',
    firstTimestamp: '2030-01-01T00:00:00Z',
    lastTimestamp: '2030-01-01T00:00:00Z',
    count: 1,
  });
  assert.equal(made[1]?.metadata.namespace, 'default');
});

test('repetitions are counted on one event, for a while', async () => {
  const { made, patched, teller, time, settle, stop } = bed();
  teller.tell(thing('x'), ready);
  teller.tell(thing('x'), ready);
  await settle();
  teller.tell(thing('x'), ready);
  await settle();
  assert.equal(made.length, 1);
  assert.deepEqual(patched, [`${made[0]?.metadata.name} 3`]);
  time.nowMs += 601_000;
  teller.tell(thing('x'), ready);
  await settle();
  stop();
  assert.equal(made.length, 2);
});

test('an event that was deleted is made anew', async () => {
  const { made, teller, settle, stop } = bed();
  teller.tell(thing('x'), ready);
  await settle();
  made.length = 0;
  teller.tell(thing('x'), ready);
  await settle();
  stop();
  assert.equal(made.length, 1);
});

test('one object cannot flood the others, and all together wait and are dropped in the end', async () => {
  const { made, lines, teller, settle, stop } = bed();
  for (let i = 0; i < 100; i += 1) teller.tell(thing('loud'), { ...ready, note: `${i}` });
  await settle(100);
  assert.equal(made.length, 25);
  for (let i = 0; i < 2_000; i += 1) teller.tell(thing(`n-${i}`), ready);
  await settle(10_000);
  stop();
  assert.equal(made.length, 25 + 1_000);
  assert.match(lines.join('\n'), /too fast and were dropped/);
});

test('that events are dropped is logged once a minute, with how many they were', async () => {
  const { lines, teller, time, settle, stop } = bed();
  for (let round = 0; round < 50; round += 1) {
    for (let i = 0; i < 100; i += 1) teller.tell(thing('loud'), { ...ready, note: `${round}/${i}` });
    teller.tell(thing(`calm-${round}`), ready);
    await settle();
  }
  assert.equal(lines.length, 1);
  time.nowMs += 61_000;
  teller.tell(thing('last'), ready);
  await settle();
  stop();
  const dropped = lines.map(line => Number(/dropped: (\d+)$/.exec(line)?.[1]));
  assert.equal(dropped.length, 2);
  assert.equal((dropped[0] ?? 0) + (dropped[1] ?? 0), 50 * 100 - 25);
});

test('an event that cannot be written fails nothing and holds up nothing', async () => {
  const { made, lines, teller, settle, fail, stop } = bed();
  fail(unanswered('Unreachable', 'the API server cannot be reached', true));
  teller.tell(thing('x'), ready);
  await settle();
  fail(undefined);
  teller.tell(thing('y'), ready);
  await settle();
  stop();
  assert.equal(made.length, 1);
  assert.deepEqual(lines, ['an event could not be written to the Kubernetes API: the API server cannot be reached']);
});
