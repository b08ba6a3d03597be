import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../contracts/storage.ts';
import type { Acl } from '../policies/acl.ts';
import type { Token } from '../tokens/token.ts';
import { EventLog } from './event-log.ts';
import { OpenedEvent, type ToldChange } from './open-change.ts';
import { Subscription, type Told } from './subscription.ts';

const count = 1_000;
const acl = { isRoot: true, decide: () => ({ allowed: true }), hears: () => true } as unknown as Acl;
const mount = (prefix: string) => ({ prefix, record: {} }) as never;
const mountId = 'm';

const toldOf = ({ revision }: { readonly revision: number }): ToldChange => {
  const facts = { id: '', type: 'kv-v1/write', timeMs: 0, revision, resumeAt: revision, source: '' };
  const metadata = new Map([['path', 'a']]);
  return { revision, events: [new OpenedEvent(mountId, { ...facts, metadata })], isGap: false, bytes: 1 };
};

async function* changes(since: number, signal: AbortSignal): AsyncGenerator<Change> {
  for (let revision = since + 1; revision <= count; revision++) yield { revision, events: [{}] } as unknown as Change;
  await new Promise(resolve => signal.addEventListener('abort', resolve));
}

interface Given {
  readonly wants?: boolean;
  /** Revision at which the log begins: what is before it is read from the storage. */
  readonly logFrom?: number;
  readonly may?: () => Acl | Promise<Acl>;
}

/** One that goes on after revision 0, where `count` changes were made. */
const following = async ({ wants = false, logFrom = 0, may = () => acl }: Given = {}) => {
  const seen = { pauses: 0, onPause: (): void => {} };
  const at = { mount: mount('old/') };
  const source = { changes, open: async (change: Change) => toldOf(change), more: () => {} };
  const log = new EventLog(source, logFrom);
  void log.run();
  while (log.reached < count) await new Promise(resolve => setImmediate(resolve));
  const pause = async (): Promise<void> => {
    seen.pauses++;
    await new Promise(resolve => setImmediate(resolve));
    seen.onPause();
  };
  const subscription = new Subscription(
    {
      mounts: { byId: () => at.mount, resolve: () => at.mount },
      may,
      past: { changes, open: source.open, pause },
      owner: { begin: () => log, left: () => log.stop(), failed: cause => assert.fail(String(cause)) },
    },
    { opening: {} as never, token: {} as Token, wants: () => wants, wantsType: () => true, since: 0, isAhead: false },
  );
  assert.deepEqual((await subscription.next()).value, { kind: 'beat', revision: 0 });
  return { subscription, seen, at };
};

const beatOf = (told: Told | undefined): number => (told?.kind === 'beat' ? told.revision : assert.fail(told?.kind));

for (const [where, logFrom] of [
  ['the log', 0],
  ['the storage', count],
] as const) {
  test(`who passes over much of ${where} leaves others their turns, and says how far it has come`, async () => {
    const { subscription, seen } = await following({ logFrom });
    let pausesAtBeat = 0;
    seen.onPause = () => {
      if (seen.pauses === 3) subscription.beat();
      pausesAtBeat = seen.pauses;
    };
    const first = beatOf((await subscription.next()).value);
    assert.ok(first > 0 && first < count, `a sign of life at ${first}`);
    assert.equal(pausesAtBeat, 3);
    void subscription.next();
    while (seen.pauses < 9) await new Promise(resolve => setImmediate(resolve));
    await subscription.return();
  });
}

test('an event is told as its mount stands once the rights are known, not as it stood when they were asked for', async () => {
  const asked = Promise.withResolvers<Acl>();
  const isAsked = Promise.withResolvers<void>();
  const may = (): Promise<Acl> => {
    isAsked.resolve();
    return asked.promise;
  };
  const { subscription, at } = await following({ wants: true, may });
  const next = subscription.next();
  await isAsked.promise;
  at.mount = mount('new/');
  asked.resolve(acl);
  const told = (await next).value;
  assert.equal(told?.kind === 'event' && told.event.path, 'new/a');
  await subscription.return();
});
