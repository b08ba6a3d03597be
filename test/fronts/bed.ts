/**
 * A core that writes and one that only reads, over one SQLite file and one shared head, as two threads have them; here
 * they take turns on one, so that a test decides who is ahead.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WireRequest } from '../../packages/server/src/contracts/wire.ts';
import { composeWhole } from '../../packages/server/src/compose/core.ts';
import { FrontSink } from '../../packages/server/src/core/fronts/audit-sink.ts';
import type { Fronts } from '../../packages/server/src/core/fronts/fronts.ts';
import type { InStep } from '../../packages/server/src/core/fronts/in-step.ts';
import { frontLanes } from '../../packages/server/src/core/fronts/lanes.ts';
import type { Core } from '../../packages/server/src/core/request/core.ts';
import { withCors } from '../../packages/server/src/core/request/cors.ts';
import { frontPipeline } from '../../packages/server/src/core/request/front.ts';
import { pipeline } from '../../packages/server/src/core/request/pipeline.ts';
import { openFollowerStore } from '../../packages/server/src/platform/sqlite/follower-store.ts';
import { SharedHead } from '../../packages/server/src/platform/sqlite/shared-head.ts';
import { openSqliteStore } from '../../packages/server/src/platform/sqlite/store.ts';
import { asking, type Bed, type BedOptions, openBed, partsOf, type Told, TestClock, type Ask } from '../core/bed.ts';

export interface FrontBed {
  /** Of the core that writes. */
  readonly main: Bed;
  /** The core that only reads. */
  readonly core: Core;
  readonly inStep: InStep;
  /** What it has read of the store last, without asking anything. */
  readonly store: ReturnType<typeof openFollowerStore>;
  readonly shared: SharedHead;
  /** Requests that were handed over, in order: method and target. */
  readonly handed: string[];
  /** Asks the core that only reads, as root. */
  front(method: string, path: string, ask?: Ask): Promise<Told>;
  close(): Promise<void>;
}

const quiet = { write: () => {}, with: () => quiet };

/** Asks until the answer comes from the core that only reads: it has followed what there was to follow. */
export const settled = async ({ front, handed }: FrontBed, target: string, ask?: Ask): Promise<Told> => {
  for (let attempt = 0; attempt < 200; attempt++) {
    const before = handed.length;
    const told = await front('GET', target, ask);
    if (handed.length === before) return told;
    await new Promise(done => setTimeout(done, 5));
  }
  throw new Error(`the thread that only reads does not answer ${target} by itself`);
};

export const openFrontBed = async (options: BedOptions = {}): Promise<FrontBed> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-fronts-'));
  const shared = new SharedHead();
  const clock = new TestClock();
  const file = path.join(folder, 'coffer.db');
  const storage = await openSqliteStore({ path: file, clock, log: quiet, fatal: () => {}, shared });
  const store = openFollowerStore(file, shared.memory);
  const handed: string[] = [];
  const kept = { storage: store, clock, logged: [], audited: [] };
  const { core, inStep, view } = composeWhole({
    ...partsOf(options, kept),
    openAudit: async stanza =>
      new FrontSink(stanza, ({ device, records }) => main.core.audit.writeFrom(device, records)),
    front: {
      steps: store,
      lanes: frontLanes,
      isAnchored: options.anchor !== undefined,
      openAnew: () => core.seal.openWith(main.core.barrier.copyOfRootKey()),
    },
  });
  if (inStep === undefined) throw new Error('not kept in step');
  const fronts: Fronts = {
    opened: async ({ rootKey, ledger }) => {
      view?.use(ledger);
      await core.seal.openWith(rootKey);
    },
    moved: ledger => view?.use(ledger),
    closed: () => core.seal.seal(),
  };
  const main: Bed = await openBed({ ...options, storage, clock, fronts });
  const whole = withCors(pipeline(main.core), main.core.cors);
  const handOver = (wire: WireRequest) => {
    handed.push(`${wire.method} ${wire.rawTarget}`);
    return whole(wire);
  };
  const ask = asking(frontPipeline({ core, inStep, handOver }));
  return {
    main,
    core,
    inStep,
    store,
    shared,
    handed,
    front: (method, target, more = {}) => ask(method, target, { token: main.rootToken, ...more }),
    close: async () => {
      await main.core.seal.seal();
      store.close();
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
};
