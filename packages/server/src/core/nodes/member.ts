/** What each node tells the others of itself, as a record that it renews. */
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import type { MountStorage } from '../../contracts/engine.ts';

/** Of the core's own records. */
export const memberPrefix = 'node/';
export const leaderKey = 'node-leader/now';

/** So often a node tells that it is there. */
export const beatEveryMs = 5_000;
/** One that was not heard of for so long is taken to be gone. */
export const goneAfterMs = 20_000;
/** Its record is then kept for so long. */
export const forgottenAfterMs = 600_000;
/** Nodes that are told of at once. */
export const membersLimit = 1_000;

export interface MemberFacts {
  readonly hostname: string;
  /** Where clients reach it; '' where its configuration does not say. */
  readonly apiAddress: string;
  readonly version: string;
}

/** What it has followed, as far as others wait for it. */
export interface MemberState {
  /** Revision of the keyring that it has in memory. */
  readonly keyring: number;
  /** Its requests are in no mount as it was before this revision. */
  readonly settled: number;
}

export interface Member extends MemberFacts, MemberState {
  /** By the storage's clock. */
  readonly openedAtMs: number;
  readonly seenAtMs: number;
  /** The highest format of stored records that it reads. */
  readonly format: number;
}

/** Who does what only one may do. The revision of this record is the fence of all that it commits. */
export interface Leader {
  readonly node: string;
  readonly sinceMs: number;
}

export const memberRecords = (storage: MountStorage): Collection<Member> =>
  new Collection<Member>(storage, memberPrefix, plainShape('node'));

export const leaderRecords = (storage: MountStorage): Collection<Leader> =>
  new Collection<Leader>(storage, 'node-leader/', plainShape('leader'));

export const isLive = ({ seenAtMs }: Member, nowMs: number): boolean => nowMs - seenAtMs < goneAfterMs;
