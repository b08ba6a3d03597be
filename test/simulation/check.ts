/**
 * Holds a history against what many nodes promise (docs/many-nodes.md). Each check answers what is wrong in words. Writes and
 * reads of a secret must be linearizable, where a read may be as old as a node may be; who carries the index along reads their
 * own writes; a revoked token is dead everywhere within a second; limits hold through all nodes together.
 */
import { leaseMs } from '@coffer/server/core/nodes/freshness.ts';
import type { Event, History, ReadIt, Revoked, Used, Wrote } from './history.ts';
import { lentSeconds } from './lending.ts';
import { isLinearizable, type Operation } from './linearizable.ts';

export type Check = (history: History) => readonly string[];

const revokedWithinMs = 1_000;

interface Register {
  readonly version: number;
  readonly value: string;
}

const ofKind = <K extends Event['kind']>(events: readonly Event[], kind: K): readonly Extract<Event, { kind: K }>[] =>
  events.filter((event): event is Extract<Event, { kind: K }> => event.kind === kind);

const shown = (event: Event): string =>
  `${event.client} at ${event.node}, ${event.calledMs} to ${event.returnedMs}: ${JSON.stringify(event)}`;

const writing = ({ calledMs, returnedMs, cas, value, version }: Wrote): Operation<Register> => ({
  calledMs,
  returnedMs,
  apply: state => {
    const fits = cas === undefined || cas === state.version;
    const next = { version: state.version + 1, value };
    if (returnedMs === Infinity) return fits ? next : state;
    if (version === undefined) return fits ? undefined : state;
    return fits && next.version === version ? next : undefined;
  },
});

const reading = (read: ReadIt): Operation<Register> => ({
  // What is served may be of any moment in the lease.
  calledMs: read.calledMs - leaseMs,
  returnedMs: read.returnedMs,
  apply: state => (state.version === read.version && state.value === read.value ? state : undefined),
});

export const registers: Check = ({ events }) => {
  const all = [...ofKind(events, 'write'), ...ofKind(events, 'read').filter(({ returnedMs }) => returnedMs < Infinity)];
  return [...Map.groupBy(all, ({ key }) => key)].flatMap(([key, ofKey]) => {
    const operations = ofKey.map(event => (event.kind === 'write' ? writing(event) : reading(event)));
    return isLinearizable<Register>(operations, { version: 0, value: '' })
      ? []
      : [`the history of ${key} cannot be put in a row:\n${ofKey.map(shown).join('\n')}`];
  });
};

/** Who carries the index along never goes back. */
export const ownWrites: Check = ({ events }) => {
  const wrong: string[] = [];
  for (const read of ofKind(events, 'read')) {
    if (!read.indexed || read.returnedMs === Infinity) continue;
    const before = events.find(
      event =>
        (event.kind === 'write' || event.kind === 'read') &&
        event.client === read.client &&
        event.key === read.key &&
        event.returnedMs <= read.calledMs &&
        (event.version ?? 0) > read.version,
    );
    if (before !== undefined)
      wrong.push(`a client was told something older than before:\n${shown(before)}\n${shown(read)}`);
  }
  return wrong;
};

/** At the node that said so at once, and elsewhere within the second. */
const deadAtMs = (revoked: Revoked, { node }: Used): number =>
  revoked.returnedMs + (node === revoked.node ? 0 : revokedWithinMs);

export const revocations: Check = ({ events }) =>
  ofKind(events, 'revoke')
    .filter(({ returnedMs }) => returnedMs < Infinity)
    .flatMap(revoked => {
      const late = ofKind(events, 'use').filter(
        use => use.token === revoked.token && use.admitted && use.calledMs > deadAtMs(revoked, use),
      );
      return late.map(use => `a revoked token was let in:\n${shown(revoked)}\n${shown(use)}`);
    });

export const useLimits: Check = ({ events, limits }) => {
  const counts = Map.groupBy(
    ofKind(events, 'use').filter(({ admitted }) => admitted),
    ({ token }) => token,
  );
  return [...counts]
    .filter(([token, uses]) => uses.length > (limits.get(token) ?? Infinity))
    .map(
      ([token, uses]) =>
        `a token for ${limits.get(token)} requests was let in more often:\n${uses.map(shown).join('\n')}`,
    );
};

export const unwrappings: Check = ({ events, wrapped }) => {
  const opened = ofKind(events, 'unwrap').filter(({ value }) => value !== undefined);
  const twice = [...Map.groupBy(opened, ({ token }) => token).values()]
    .filter(all => all.length > 1)
    .map(all => `a wrapping token was opened more than once:\n${all.map(shown).join('\n')}`);
  const others = opened
    .filter(({ token, value }) => wrapped.get(token) !== value)
    .map(event => `a wrapping token held something else:\n${shown(event)}`);
  return [...twice, ...others];
};

/**
 * The history ends so long after the last lease that all are over but those whose making was cut off: the store gives these time,
 * and must not forget them.
 */
export const leases: Check = ({ events, made, ended, kept }) => {
  const told = new Set(ofKind(events, 'lend').map(({ thing }) => thing));
  const lost = [...made.keys()]
    .filter(thing => !ended.has(thing) && (told.has(thing) || !kept.has(thing)))
    .map(thing => `${thing} was made and never taken back`);
  const early = ofKind(events, 'lend').flatMap(lent => {
    const asked = ofKind(events, 'end lease').filter(({ lease }) => lease === lent.lease);
    // Leases count in whole seconds, of a clock that each node knows to half of the way of an answer it still believes.
    const lentAtMs = Math.floor((lent.calledMs - leaseMs) / 1000) * 1000;
    const soonestMs = Math.min(lentAtMs + lentSeconds * 1000, ...asked.map(({ calledMs }) => calledMs));
    const first = Math.min(...(ended.get(lent.thing) ?? []));
    return first < soonestMs ? [`taken back at ${first}, before ${soonestMs}:\n${shown(lent)}`] : [];
  });
  return [...lost, ...early];
};

export const checks: readonly Check[] = [registers, ownWrites, revocations, useLimits, unwrappings, leases];

export const judge = (history: History): readonly string[] => checks.flatMap(check => check(history));
