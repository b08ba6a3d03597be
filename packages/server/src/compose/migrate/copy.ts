/**
 * Puts all records of one storage into another, which must be empty: all or nothing, whatever happens meanwhile. They are copied
 * as they lie there, so no key is needed, and the copy in the destination is held against the source's before it counts.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { StorageCopies, StoredCopy } from '../../contracts/storage.ts';
import { storeKey } from '../../core/barrier/layout.ts';
import type { OpenedStorage } from '../server/storage.ts';

export interface Moved {
  readonly records: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface CopyParts {
  readonly source: OpenedStorage;
  readonly destination: OpenedStorage;
  readonly clock: Clock;
  /** How far it has come, for people. */
  readonly say: (text: string) => void;
  /** So long is looked whether a server writes to the source. 0 where nobody else can. */
  readonly watchMs: number;
}

const tellEveryMs = 1000;
const mebibyte = 1_048_576;

const sized = ({ records, bytes }: Pick<StoredCopy, 'records' | 'bytes'>): string =>
  `${records.toLocaleString('en')} records, ${(bytes / mebibyte).toFixed(1)} MiB`;

/** Nodes of a store that is open write every few seconds, whether anybody asks for anything or not. */
const checkUnused = async ({ source, clock, say, watchMs }: CopyParts, headBefore: number): Promise<void> => {
  if (watchMs > 0) {
    say('looking whether a server uses the source …');
    await new Promise<void>(resolve => void clock.after(watchMs, resolve));
  }
  if ((await source.head()) !== headBefore)
    throw new CofferError('conflict', 'the source is written to: stop all servers of the store first');
};

const checkSource = async ({ source }: CopyParts): Promise<void> => {
  if ((await source.get(storeKey)) === undefined)
    throw new CofferError('usage', 'the source holds no store: it is empty, or was never initialised');
};

const checkDestination = async ({ destination }: CopyParts): Promise<void> => {
  if ((await destination.range('', { limit: 1, values: false })).length > 0)
    throw new CofferError(
      'usage',
      'the destination is not empty: nothing was changed; name another place, or clear it',
    );
};

const sendOver = async (copy: StoredCopy, { destination, clock, say }: CopyParts): Promise<StoredCopy> => {
  const incoming = await destination.receive([]);
  try {
    let sent = 0;
    let toldAtMs = clock.monotonic();
    for await (const piece of copy.read()) {
      await incoming.write(piece);
      sent += piece.length;
      if (clock.monotonic() - toldAtMs < tellEveryMs) continue;
      toldAtMs = clock.monotonic();
      say(`  ${Math.floor((100 * sent) / Math.max(copy.bytes, 1))} %`);
    }
    return await incoming.finish();
  } catch (cause) {
    await incoming.discard();
    throw cause;
  }
};

const same = (one: StoredCopy, other: StoredCopy): boolean =>
  one.records === other.records && one.sha256.toHex() === other.sha256.toHex();

/** Of what a destination holds by now. */
const verify = async (storage: StorageCopies, wanted: StoredCopy): Promise<void> => {
  const copy = await storage.copy();
  const isSame = same(copy, wanted);
  await copy.discard();
  if (!isSame)
    throw new CofferError('data_corrupt', 'the destination does not hold what the source holds: do not use it');
};

/** Rejects with `usage` or `conflict` where nothing was changed, else with the errors of the storages. */
export const copyStore = async (parts: CopyParts): Promise<Moved> => {
  const { source, destination, say } = parts;
  await checkSource(parts);
  await checkDestination(parts);
  const headBefore = await source.head();
  say('copying the source …');
  const copy = await source.copy();
  try {
    say(`sending ${sized(copy)} …`);
    const received = await sendOver(copy, parts);
    try {
      if (!same(copy, received)) throw new CofferError('data_corrupt', 'the copy was changed on its way: run it again');
      await checkUnused(parts, headBefore);
      say('putting it in place …');
      await destination.replace(received);
    } finally {
      await received.discard();
    }
    say('verifying …');
    await verify(destination, copy);
    return { records: copy.records, bytes: copy.bytes, sha256: copy.sha256.toHex() };
  } finally {
    await copy.discard();
  }
};
