/** Puts together what tells that the whole store was put back, or some of its records. */
import type { MountStorage } from '../contracts/engine.ts';
import type { Storage } from '../contracts/storage.ts';
import { Anchor, anchorPrefix, markKey } from '../core/anchor/anchor.ts';
import type { Barrier } from '../core/barrier/barrier.ts';
import type { RecordCache } from '../core/barrier/cache.ts';
import { noMountPrefix } from '../core/barrier/layout.ts';
import { mountStorage } from '../core/barrier/mount-storage.ts';
import { Guard } from '../core/ledger/guard.ts';
import { LedgerKeeper } from '../core/ledger/keeper.ts';
import { LedgerView } from '../core/ledger/view.ts';
import type { CoreParts } from './core-parts.ts';
import type { CoreLife } from './life.ts';

/** What hangs on the mark itself is not in the ledger, nor is what is read to open the store. */
const covered =
  (ownPrefix: string) =>
  (key: string): boolean =>
    !key.startsWith(noMountPrefix) && !key.startsWith(ownPrefix + anchorPrefix);

interface Watched {
  /** As the barrier is to see it. */
  readonly storage: Storage;
  /** Where this process alone writes to an anchored store. */
  readonly guard: Guard | undefined;
  /** Of a thread that only reads. */
  readonly view: LedgerView | undefined;
}

export const composeWatched = (parts: CoreParts, storage: Storage, { ownPrefix, barrier }: WatchedWiring): Watched => {
  const covers = covered(ownPrefix);
  if (parts.front?.isAnchored === true) {
    const keys = { derive: (purpose: string, term: number) => barrier().derive(purpose, term) };
    const view = new LedgerView({ storage, covers, keys });
    return { storage: view, guard: undefined, view };
  }
  if (parts.anchor === undefined || parts.shared !== undefined) return { storage, guard: undefined, view: undefined };
  const guard = new Guard({ storage, covers, lane: () => barrier().lane, log: parts.logs.part('core') });
  return { storage: guard, guard, view: undefined };
};

interface WatchedWiring {
  readonly ownPrefix: string;
  readonly barrier: () => Barrier;
}

const composeLedger = (parts: CoreParts, wiring: AnchorWiring, moved: () => void): LedgerKeeper | undefined => {
  const { guard, barrier, cache, ownPrefix } = wiring;
  const { anchor, storage } = parts;
  if (guard === undefined || anchor === undefined) return undefined;
  return new LedgerKeeper({
    ...parts,
    guard,
    covers: guard.covers,
    storage,
    own: mountStorage(cache.unkept, ownPrefix),
    head: anchor.head,
    keys: barrier,
    lane: () => barrier.lane,
    log: parts.logs.part('core'),
    memory: {
      allocate: bytes => (parts.fronts === undefined ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes)),
      moved,
    },
  });
};

interface AnchorWiring {
  readonly guard: Guard | undefined;
  readonly own: MountStorage;
  readonly ownPrefix: string;
  readonly barrier: Barrier;
  readonly cache: RecordCache;
  readonly life: CoreLife;
}

export const composeAnchor = (parts: CoreParts, wiring: AnchorWiring): Anchor => {
  const { own, ownPrefix, barrier, cache, life, guard } = wiring;
  const anchor: Anchor = new Anchor({
    ...parts,
    settings: parts.anchor,
    storage: own,
    stored: () => parts.storage.get(ownPrefix + markKey),
    keys: barrier,
    commits: () => cache.commits,
    log: parts.logs.part('core'),
    ledger: composeLedger(parts, wiring, () => {
      const ledger = anchor.sharedLedger;
      if (ledger !== undefined) parts.fronts?.moved(ledger);
    }),
    accepted: () => life.begin(),
  });
  if (guard !== undefined) guard.refusing = () => anchor.refusing();
  return anchor;
};
