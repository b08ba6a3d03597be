/** Puts together what tells that the whole store was put back, or some of its records. */
import type { MountStorage } from '../contracts/engine.ts';
import { Anchor, anchorPrefix, markKey } from '../core/anchor/anchor.ts';
import type { Barrier } from '../core/barrier/barrier.ts';
import type { RecordCache } from '../core/barrier/cache.ts';
import { noMountPrefix } from '../core/barrier/layout.ts';
import { mountStorage } from '../core/barrier/mount-storage.ts';
import { Guard } from '../core/ledger/guard.ts';
import { LedgerKeeper } from '../core/ledger/keeper.ts';
import type { CoreParts } from './core-parts.ts';
import type { CoreLife } from './life.ts';

/** Where this process alone writes to an anchored store. What hangs on the mark itself is not in the ledger, nor is what is read to open the store. */
export const composeGuard = (parts: CoreParts, ownPrefix: string, lane: () => Uint8Array): Guard | undefined =>
  parts.anchor && parts.shared === undefined
    ? new Guard({
        storage: parts.storage,
        covers: key => !key.startsWith(noMountPrefix) && !key.startsWith(ownPrefix + anchorPrefix),
        lane,
        log: parts.logs.part('core'),
      })
    : undefined;

const composeLedger = (parts: CoreParts, wiring: AnchorWiring): LedgerKeeper | undefined => {
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
  const anchor = new Anchor({
    ...parts,
    settings: parts.anchor,
    storage: own,
    stored: () => parts.storage.get(ownPrefix + markKey),
    keys: barrier,
    commits: () => cache.commits,
    log: parts.logs.part('core'),
    ledger: composeLedger(parts, wiring),
    accepted: () => life.begin(),
  });
  if (guard !== undefined) guard.refusing = () => anchor.refusing();
  return anchor;
};
