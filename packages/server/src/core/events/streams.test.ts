import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { ChangeOrGap } from '../../contracts/storage.ts';
import type { Acl } from '../policies/acl.ts';
import type { Token } from '../tokens/token.ts';
import { endings } from './endings.ts';
import { EventStreams } from './streams.ts';
import type { Subscription } from './subscription.ts';

const count = 1_000;

/** As many as there are, with one event each that cannot be read. */
async function* manyChanges(since: number, signal: AbortSignal): AsyncGenerator<ChangeOrGap> {
  if (since > count) yield { compacted: count + 1 };
  const events = [{ type: 'kv-v1/write', payload: new Uint8Array(0) }];
  for (let revision = since + 1; revision <= count; revision++) yield { revision, keys: [], events };
  if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve));
}

async function* changes(since: number, signal: AbortSignal): AsyncGenerator<ChangeOrGap> {
  if (since > 1) yield { compacted: 2 };
  if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve));
}

const streamsOver = (admitted: () => Promise<Token>, following = changes) => {
  const seen = { opened: 0 };
  const timers = new Set<() => void>();
  const acl = { decide: () => ({ allowed: true }) } as unknown as Acl;
  const streams = new EventStreams({
    storage: { changes: following },
    barrier: {
      storeId: new Uint8Array(16),
      openEvent: () => {
        seen.opened++;
        return Promise.reject(new CofferError('data_corrupt', ''));
      },
    },
    mounts: {} as never,
    tokens: { admitted },
    policies: { aclFor: () => acl },
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: (_delayMs, task) => {
        timers.add(task);
        return () => timers.delete(task);
      },
    },
    log: { write: () => {}, with: () => assert.fail() },
  });
  const subscribe = (since?: number): Promise<Subscription> =>
    streams.subscribe({
      opening: {} as never,
      token: { accessor: 'a' } as Token,
      wants: () => true,
      wantsType: () => true,
      since,
    });
  return { streams, subscribe, timers, seen };
};

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

test('who begins while the last look at others is under way is looked at once in each round, not more often', async () => {
  const gate = Promise.withResolvers<Token>();
  const { subscribe, timers } = streamsOver(() => gate.promise);
  const one = await subscribe();
  await one.next();
  const [look] = timers;
  timers.clear();
  look?.();
  await one.return();
  const other = await subscribe();
  await other.next();
  assert.equal(timers.size, 1);
  gate.resolve({} as Token);
  await turn();
  assert.equal(timers.size, 1);
  await other.return();
  assert.equal(timers.size, 0);
});

test('a stream that begins after the server began to shut down ends at once', async () => {
  const { streams, subscribe, timers } = streamsOver(() => Promise.resolve({} as Token));
  const late = await subscribe();
  streams.endAll(endings.shutDown);
  assert.deepEqual((await late.next()).value, { kind: 'ended', ending: endings.shutDown });
  assert.equal((await late.next()).done, true);
  assert.equal(streams.count + timers.size, 0);
});

test('a log that begins far back is opened over many turns', async () => {
  const { subscribe, seen } = streamsOver(() => Promise.resolve({} as Token), manyChanges);
  const one = await subscribe(0);
  await one.next();
  await turn();
  assert.ok(seen.opened < 200, `${seen.opened} at once`);
  while (seen.opened < count) await turn();
  await one.return();
});
