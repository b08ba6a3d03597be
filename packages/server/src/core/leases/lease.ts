/**
 * A lease as it is stored, and where it lies: one record under its id, and one index entry each for its mount, its owner
 * and the queue it waits in. All are written in one commit, so that none ever stands without the others. Times are whole
 * seconds since 1970 UTC.
 */
import type { MountStorage } from '../../contracts/engine.ts';
import type { Write } from '../../contracts/storage.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';

/**
 * `making`: written down, the engine is at work; `live`: answered to somebody; `revoking`: at its end, until the engine
 * has taken back what it is about; `irrevocable`: the engine failed too often, people must look.
 */
export type LeaseState = 'making' | 'live' | 'revoking' | 'irrevocable';

export interface Lease {
  /** The path of the request that made it, and a name: `database/creds/app/<24 letters>`. */
  readonly id: string;
  readonly path: string;
  readonly mountId: string;
  /** Accessor of the token it ends with; `''` where there is none. */
  readonly owner: string;
  readonly state: LeaseState;
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
  /** 0 never. */
  readonly renewedAtSeconds: number;
  /** As granted when it was made. */
  readonly ttlSeconds: number;
  /** What its engine allows, counted from when it was made; 0 leaves it to the mount. */
  readonly maxTtlSeconds: number;
  readonly renewable: boolean;
  /** Of revocation, failed. */
  readonly attempts: number;
  readonly retryAtSeconds: number;
  /** Why the last attempt failed; `''` where none has. */
  readonly failure: string;
  /** Goes after one attempt, whatever its engine says. */
  readonly forced: boolean;
  /** What the engine needs to renew and revoke it. */
  readonly data: ReadonlyMap<string, string>;
}

/** With what stands around it in an index this stays below the 1,024 bytes of a storage key. */
export const leaseIdLimitBytes = 880;
/** Leases that one step reads, works off and commits: so few that requests do not notice it. */
export const leaseStep = 16;

export const recordPrefix = 'lease/id/';
export const expiryPrefix = 'lease/expiry/';
export const revokingPrefix = 'lease/revoking/';
export const irrevocablePrefix = 'lease/irrevocable/';

const timeDigits = 11;

/** Sorted text is sorted time. A bucket is a second: a credential is taken back when it ends, not some time later. */
export const timeBucket = (atSeconds: number): string => String(Math.max(0, atSeconds)).padStart(timeDigits, '0');

/** The id at the end of a key of `expiryPrefix` or `revokingPrefix`. */
export const queuedId = (key: string, prefix: string): string => key.slice(prefix.length + timeDigits + 1);

export const ownerPrefix = (accessor: string): string => `lease/owner/${accessor}/`;
export const mountLeasesPrefix = (mountId: string): string => `lease/mount/${mountId}/`;

const queueKey = (lease: Lease): string => {
  if (lease.state === 'irrevocable') return irrevocablePrefix + lease.id;
  if (lease.state === 'revoking') return `${revokingPrefix}${timeBucket(lease.retryAtSeconds)}/${lease.id}`;
  return `${expiryPrefix}${timeBucket(lease.expiresAtSeconds)}/${lease.id}`;
};

const indexKeys = (lease: Lease): readonly string[] => [
  queueKey(lease),
  mountLeasesPrefix(lease.mountId) + lease.id,
  ...(lease.owner === '' ? [] : [ownerPrefix(lease.owner) + lease.id]),
];

/** Of an index: format 1, no body. */
const marker = new Uint8Array([1]);

/** What changes in the indexes between two states of a lease; undefined stands for none. */
export const indexWrites = (before: Lease | undefined, after: Lease | undefined): readonly Write[] => {
  const from = before === undefined ? [] : indexKeys(before);
  const to = after === undefined ? [] : indexKeys(after);
  return [
    ...from.filter(key => !to.includes(key)).map(key => ({ key, value: undefined })),
    ...to.filter(key => !from.includes(key)).map(key => ({ key, value: marker })),
  ];
};

export const leaseRecords = (storage: MountStorage): Collection<Lease> =>
  new Collection<Lease>(storage, recordPrefix, plainShape<Lease>('lease', ['data']));

export const isExpired = (lease: Lease, nowSeconds: number): boolean => lease.expiresAtSeconds <= nowSeconds;

/** At its end by time or by somebody's word: it gives nothing any more. */
export const isOver = (lease: Lease, nowSeconds: number): boolean =>
  lease.state !== 'live' || isExpired(lease, nowSeconds);
