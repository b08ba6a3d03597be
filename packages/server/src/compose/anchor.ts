/** Puts together what tells that the whole store was put back. */
import type { MountStorage } from '../contracts/engine.ts';
import { Anchor, markKey } from '../core/anchor/anchor.ts';
import type { Barrier } from '../core/barrier/barrier.ts';
import type { RecordCache } from '../core/barrier/cache.ts';
import type { CoreParts } from './core-parts.ts';
import type { CoreLife } from './life.ts';

interface AnchorWiring {
  readonly own: MountStorage;
  readonly ownPrefix: string;
  readonly barrier: Barrier;
  readonly cache: RecordCache;
  readonly life: CoreLife;
}

export const composeAnchor = (parts: CoreParts, { own, ownPrefix, barrier, cache, life }: AnchorWiring): Anchor =>
  new Anchor({
    ...parts,
    settings: parts.anchor,
    storage: own,
    stored: () => parts.storage.get(ownPrefix + markKey),
    keys: barrier,
    commits: () => cache.commits,
    log: parts.logs.part('core'),
    accepted: () => life.begin(),
  });
