/** Mistakes that a storage, a way to it or a node could make. The simulation is good for something only if it finds each. */
import type { ChangeOrGap, Commit, CommitResult, Moment, Stored } from '@coffer/server/contracts/storage.ts';
import type { Device } from './device.ts';
import type { Way } from './way.ts';

type Bend = (way: Way) => Way;

/** The same way with some of it done otherwise; its trouble stays what the nemesis sets. */
const bent = (way: Way, change: Partial<Pick<Way, 'get' | 'commit' | 'moment' | 'changes'>>): Way =>
  Object.assign(way, change);

const writesData = ({ writes }: Commit): boolean =>
  writes.some(({ key }) => key.includes('/v/') || key.includes('/m/'));

export const deviceMistakes: { readonly [name: string]: (device: Device) => Device } = {
  'a full audit device says it has taken what it was given': device => {
    const { write } = device;
    return Object.assign(device, {
      write: async (records: readonly string[]): Promise<void> =>
        device.trouble.full ? undefined : write.call(device, records),
    });
  },
  'an audit device says so before it has taken what it was given': device => {
    const { write } = device;
    return Object.assign(device, {
      write: async (records: readonly string[]): Promise<void> =>
        void write.call(device, records).catch(() => undefined),
    });
  },
};

export const mistakes: { readonly [name: string]: Bend } = {
  'writes are acknowledged before they are applied, and some never are': way => {
    const { commit } = way;
    let count = 0;
    return bent(way, {
      commit: async (asked: Commit): Promise<CommitResult> => {
        if (!writesData(asked) || ++count % 6 !== 0) return commit.call(way, asked);
        const { revision } = await way.moment();
        return { ok: true, revision: revision + 1 };
      },
    });
  },
  'preconditions are not looked at': way => {
    const { commit } = way;
    return bent(way, { commit: asked => commit.call(way, { id: asked.id, writes: asked.writes }) });
  },
  'a commit that was refused is told as done': way => {
    const { commit } = way;
    return bent(way, {
      commit: async asked => {
        const result = await commit.call(way, asked);
        return result.ok ? result : { ok: true, revision: (await way.moment()).revision };
      },
    });
  },
  'some changes are not told to those who follow': way => {
    const { changes } = way;
    let count = 0;
    return bent(way, {
      changes: async function* (since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
        for await (const change of changes.call(way, since, signal))
          if ('compacted' in change || ++count % 4 !== 0) yield change;
          else yield { ...change, keys: [] };
      },
    });
  },
  'changes of tokens are acknowledged and not made': way => {
    const { commit } = way;
    const changesToken = ({ writes, checks = [] }: Commit): boolean =>
      writes.some(
        ({ key }) => key.includes('/token/id/') && checks.some(check => check.key === key && check.expect !== 'absent'),
      ) || writes.some(({ key, value }) => value === undefined && key.includes('/token/id/'));
    return bent(way, {
      commit: async asked =>
        changesToken(asked) ? { ok: true, revision: (await way.moment()).revision } : commit.call(way, asked),
    });
  },
  'leases that are over are acknowledged as ended and stay': way => {
    const { commit } = way;
    const endsLease = ({ writes }: Commit): boolean =>
      writes.some(({ key, value }) => value === undefined && key.includes('/lease/expiry/'));
    let count = 0;
    return bent(way, {
      commit: async asked => {
        if (!endsLease(asked) || ++count % 2 === 0) return commit.call(way, asked);
        const writes = asked.writes.filter(({ key }) => key.includes('/lease/'));
        return commit.call(way, { ...asked, writes: writes.map(({ key }) => ({ key, value: undefined })) });
      },
    });
  },
  'the newest revision is told as one of long ago': way => {
    const { moment } = way;
    return bent(way, { moment: async (): Promise<Moment> => ({ ...(await moment.call(way)), revision: 0 }) });
  },
  'a gap in the changes is kept quiet about': way => {
    const { changes } = way;
    return bent(way, {
      changes: async function* (since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
        for await (const change of changes.call(way, since, signal)) if (!('compacted' in change)) yield change;
      },
    });
  },
  'a commit whose answer was lost is made once more': way => {
    const { commit } = way;
    let count = 0;
    return bent(way, {
      commit: async asked => {
        const result = await commit.call(way, asked);
        if (!writesData(asked) || ++count % 2 !== 0 || !result.ok) return result;
        const again = { id: asked.id.split('').toReversed().join(''), writes: asked.writes };
        for (let pause = 0; pause < 20; pause++) await way.moment();
        return commit.call(way, again);
      },
    });
  },
  'records are read from a copy that lags behind': way => {
    const { get } = way;
    const seen = new Map<string, Stored | undefined>();
    let count = 0;
    return bent(way, {
      get: async (key: string): Promise<Stored | undefined> => {
        if (seen.has(key) && ++count % 3 === 0) return seen.get(key);
        const stored = await get.call(way, key);
        seen.set(key, stored);
        return stored;
      },
    });
  },
};
