/** A store of its own with a keeper, and what its hooks saw. Several keepers may stand over one storage, like nodes. */
import type { Entry } from '@coffer/server/contracts/engine.ts';
import type { Seal } from '@coffer/server/contracts/seal.ts';
import type { Storage } from '@coffer/server/contracts/storage.ts';
import { Barrier } from '@coffer/server/core/barrier/barrier.ts';
import { RecordCache } from '@coffer/server/core/barrier/cache.ts';
import type { InitResult } from '@coffer/server/core/seal/initialize.ts';
import { SealKeeper } from '@coffer/server/core/seal/keeper.ts';
import { openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import { bedOver, type TestClock } from './seal-bed.ts';

export const firstToken = 'first.token';
export const laterToken = 'later.token.of.another.length';

export interface Rig {
  readonly storage: Storage;
  readonly clock: TestClock;
  readonly barrier: Barrier;
  readonly cache: RecordCache;
  readonly keeper: SealKeeper;
  readonly happened: string[];
  /** Hooks fail where their names are in here. */
  readonly failing: Set<string>;
}

export const rigOver = (seal: Seal, storage: Storage = openMemoryStore()): Rig => {
  const bed = bedOver(storage);
  const barrier = new Barrier(bed);
  const cache = new RecordCache(barrier, 1_000_000);
  const happened: string[] = [];
  const failing = new Set<string>();
  const hook = async (name: string): Promise<void> => {
    happened.push(name);
    await Promise.resolve();
    if (failing.has(name)) throw new Error(`${name} failed`);
  };
  const keeper = new SealKeeper({
    ...bed,
    barrier,
    cache,
    seal,
    rootTokens: { lengthBytes: laterToken.length, make: () => hook('token').then(() => laterToken) },
    hooks: {
      fill: async () => {
        await write(cache, 'filled');
        await hook('fill');
        return firstToken;
      },
      unsealed: () => hook('unsealed'),
      sealed: () => hook('sealed'),
    },
  });
  return { storage, clock: bed.clock, barrier, cache, keeper, happened, failing };
};

const recordKey = '1/-/test/record';

export const write = async (records: Pick<RecordCache, 'commit'>, text: string): Promise<void> => {
  await records.commit({ writes: [{ key: recordKey, value: new TextEncoder().encode(text) }] });
};

export const readText = async (records: Pick<RecordCache, 'get'>): Promise<string | undefined> => {
  const entry: Entry | undefined = await records.get(recordKey);
  return entry && new TextDecoder().decode(entry.value);
};

/** Shares of the key that people hold, whichever the seal has. */
export const sharesOf = (made: InitResult): readonly string[] => (made.recovery ?? made).keys;

export const initialize = (rig: Rig, shares = 5, threshold = 3): Promise<InitResult> =>
  rig.keeper
    .status()
    .then(status =>
      rig.keeper.initialize(
        status.recoverySeal
          ? { recoveryShares: shares, recoveryThreshold: threshold }
          : { secretShares: shares, secretThreshold: threshold },
      ),
    );

/** As far as the shares bring it. */
export const unseal = async (rig: Rig, shares: readonly string[]): Promise<void> => {
  for (const share of shares) await rig.keeper.submitKey(share);
};
