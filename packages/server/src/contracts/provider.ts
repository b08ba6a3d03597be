/**
 * An external store that secrets are read from. What it refuses is a `CofferError`: `permission_denied`, `bad_token`,
 * `sealed`, `unreachable` … ; only `undefined` means that the store was asked, answered, and has nothing there. Nothing else
 * may ever be taken for absence.
 */
import type { Secret } from '@coffer/schema/secret.ts';

export interface RemoteRef {
  /** As in the manifest; the provider knows which part of it is its own. */
  readonly key: string;
  readonly property?: string | undefined;
  readonly version?: string | undefined;
  readonly metadataPolicy?: 'None' | 'Fetch' | undefined;
}

export interface Provider {
  /** One value: the property, or the whole secret as JSON. */
  read(ref: RemoteRef): Promise<Secret | undefined>;
  /** Every property of a secret by its name. */
  readAll(ref: RemoteRef): Promise<ReadonlyMap<string, Secret> | undefined>;
  /** Resolves where the store can be used as it is set up. */
  check(): Promise<void>;
}

/** A change the store told of. */
export interface ToldChange {
  /** As in `RemoteRef.key`, in the store's own normal form: see `changeKey`. */
  readonly key: string;
}

export interface Follow {
  readonly signal: AbortSignal;
  readonly changed: (change: ToldChange) => void;
  /** Changes may have been missed: everything has to be read again. Also called once it follows. */
  readonly missed: () => void;
  /** False: for now nothing is told, because the store went away, was sealed, or refuses. True: it tells (again). */
  readonly reaches?: (isReached: boolean) => void;
}

/** A provider whose store tells of changes. */
export interface Follower {
  /** False: this store does not tell; whoever asks looks at intervals. Resolves when the signal is aborted. */
  follow(how: Follow): Promise<boolean>;
  /** What `ToldChange.key` is for this reference. */
  changeKey(ref: RemoteRef): string;
}
