/** Where wrapped answers lie: in the cubbyholes of their tokens, written in one commit with the tokens' own records. */
import type { Clock } from '../contracts/clock.ts';
import type { EntryWrite, MountCommit, MountStorage } from '../contracts/engine.ts';
import { mountPrefix } from '../core/barrier/mount-storage.ts';
import type { Records } from '../core/barrier/records.ts';
import type { MountTable } from '../core/mounts/table.ts';
import { rootNamespace } from '../core/namespaces/namespace.ts';
import type { TokenStore } from '../core/tokens/store.ts';
import { WrapJwt } from '../core/wrapping/jwt.ts';
import { type WrappedPlace, Wrapping } from '../core/wrapping/wrapping.ts';
import { cubbyholeRoot } from '../engines/secrets/cubbyhole/storage.ts';
import { encodeValue, valueOf } from '../engines/keyed/value-record.ts';

export interface WrappingWiring {
  readonly tokens: TokenStore;
  readonly mounts: MountTable;
  readonly clock: Clock;
  /** What is read once need not be kept in memory. */
  readonly records: Records;
  /** The core's own records, and their prefix. */
  readonly own: MountStorage;
  readonly ownPrefix: string;
  readonly apiAddress: string | undefined;
}

export const composeWrapping = ({ tokens, own, apiAddress, ...place }: WrappingWiring): Wrapping =>
  new Wrapping({ tokens, place: wrappedPlace(place), jwt: new WrapJwt(own, apiAddress ?? '') });

type PlaceWiring = Pick<WrappingWiring, 'records' | 'mounts' | 'clock' | 'ownPrefix'>;

const wrappedPlace = ({ records, mounts, clock, ownPrefix }: PlaceWiring): WrappedPlace => {
  const keyOf = (accessor: string): string => cubbyholePrefix(mounts) + responseKey(accessor);
  return {
    commit: (own, { accessor, record }) => {
      const kept: EntryWrite = { key: keyOf(accessor), value: encodeValue(clock.now(), record) };
      const { checks, writes } = under(ownPrefix, own);
      return records.commit({ checks, writes: [...writes, kept] });
    },
    read: async accessor => {
      const entry = await records.get(keyOf(accessor));
      return entry === undefined ? undefined : valueOf(entry).json;
    },
  };
};

const responseKey = (accessor: string): string => `${cubbyholeRoot(accessor)}response`;

/** Every store has one: it can be neither removed nor moved. */
const cubbyholePrefix = (mounts: MountTable): string => {
  const found = mounts.list('secret').find(({ record }) => record.type === 'cubbyhole');
  if (found === undefined) throw new TypeError('the store has no cubbyhole');
  return mountPrefix(rootNamespace.id, found.record.id);
};

const under = (prefix: string, { checks = [], writes }: MountCommit): Required<Omit<MountCommit, 'events'>> => ({
  checks: checks.map(({ key, expect }) => ({ key: prefix + key, expect })),
  writes: writes.map(({ key, value }) => ({ key: prefix + key, value })),
});
