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

export interface Member extends MemberFacts {
  /** By the storage's clock. */
  readonly openedAtMs: number;
  readonly seenAtMs: number;
  /** Revision of the keyring that it has in memory. */
  readonly keyring: number;
  /** The highest format of stored records that it reads. */
  readonly format: number;
  /** It takes no new work: it is about to end. */
  readonly drains?: true;
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
