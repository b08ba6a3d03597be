/**
 * Whether a snapshot that came in whole may take this store's place. Without force it must be of this very store, sealed by
 * its keys, and be opened by the shares, or the seal, of today. With force it may be of another store: what cannot be known
 * before it is opened is then left to be proved at its first opening.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Seal } from '../../contracts/seal.ts';
import type { Storage, Write } from '../../contracts/storage.ts';
import type { Barrier } from '../barrier/barrier.ts';
import { keyringKey, storeKey } from '../barrier/layout.ts';
import { readStoreId } from '../barrier/store-record.ts';
import { configKey, readConfig } from '../seal/config.ts';
import { areSums, restoredWrite } from '../seal/restored.ts';
import { rootKey, unwrapBySeal } from '../seal/root-key.ts';
import type { Received } from './receive.ts';

/** Records without which nothing could be said about a store. */
export const picks: readonly string[] = [storeKey, keyringKey, configKey, rootKey];

export interface VerifyPorts {
  readonly barrier: Barrier;
  readonly seal: Seal;
}

const refused = (message: string, cause?: unknown): CofferError =>
  new CofferError('invalid_request', message, { cause });

const forceHint = 'snapshot-force restores it all the same';

/** The picked records, as a storage that can be asked as the store itself is. */
const pickedStorage = ({ copy }: Received): Pick<Storage, 'get'> => ({
  get: key => {
    const value = copy.picked.get(key);
    return value && { value, revision: 0 };
  },
});

/** Throws where this version, or this server's seal, could never open it. */
const checkStore = async (received: Received, seal: Seal): Promise<void> => {
  const storage = pickedStorage(received) as Storage;
  const missing = picks.find(key => received.copy.picked.get(key) === undefined);
  if (missing !== undefined) throw refused(`the snapshot is damaged: the record "${missing}" is missing`);
  const config = await readConfig(storage);
  if ((await readStoreId(storage))?.toHex() !== received.meta.store_id)
    throw refused('the snapshot is damaged: it names another store than its records');
  if (config?.type !== seal.type)
    throw refused(
      `the snapshot is of a store with seal type ${config?.type}, this server is configured for ${seal.type}`,
    );
};

const checkOpens = async (received: Received, { barrier, seal }: VerifyPorts): Promise<void> => {
  const keyring = received.copy.picked.get(keyringKey) as Uint8Array;
  if (!barrier.opensKeyring(keyring))
    throw refused(
      `the snapshot was made before the root key was replaced: it would be opened by the shares of then; ${forceHint}`,
    );
  if (seal.auto === undefined) return;
  const wrapped = received.copy.picked.get(rootKey) as Uint8Array;
  await unwrapBySeal(seal.auto, barrier.storeId, wrapped).then(
    ({ root }) => root.fill(0),
    (cause: unknown) => {
      throw refused(`this server's seal does not open the snapshot; ${forceHint}`, cause);
    },
  );
};

/** Undefined where this store's keys say nothing about it. Throws where they say that it was changed. */
const isAuthentic = ({ sums, sealed }: Received, barrier: Barrier): true | undefined => {
  let are: boolean | undefined;
  try {
    are = areSums(barrier, sums, sealed);
  } catch (cause) {
    throw refused('the snapshot is not authentic: it was changed after it was made', cause);
  }
  if (are === false) throw refused('the snapshot is not authentic: it was changed after it was made');
  return are;
};

/** A snapshot that may take the store's place. */
export interface Verified {
  /** It is of this very store. */
  readonly isOwn: boolean;
  /** To be written beside its records. */
  readonly also: readonly Write[];
}

/** Throws `invalid_request` where it may not take the place. */
export const verifySnapshot = async (received: Received, force: boolean, ports: VerifyPorts): Promise<Verified> => {
  const { barrier, seal } = ports;
  await checkStore(received, seal).catch((cause: unknown) => {
    throw cause instanceof CofferError ? refused(cause.publicMessage, cause) : cause;
  });
  const isOwn = received.meta.store_id === barrier.storeId.toHex();
  if (!isOwn && !force) throw refused(`the snapshot is of another store; ${forceHint}`);
  const proved = isOwn ? isAuthentic(received, barrier) : undefined;
  if (!force) {
    if (proved === undefined) throw refused(`the snapshot is sealed under a key term of another time; ${forceHint}`);
    await checkOpens(received, ports);
  }
  return { isOwn, also: proved === true ? [] : [restoredWrite(received.sums, received.sealed)] };
};
