/** Which audit records are asked for. Everything that is said must hold. */
import { parseDuration } from '@coffer/schema/duration.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Flags, FlagSpecs } from '../flags.ts';
import { bool, text } from '../flags.ts';
import type { ShownRecord } from './shown.ts';

export const filterFlags: FlagSpecs = {
  path: text('Only this path of the API, such as secret/data/app; * stands for anything, also for /'),
  actor: text('Only what this display name, entity id or accessor did; * stands for anything'),
  workload: text('Only this NAMESPACE/SERVICEACCOUNT, pod or node; * stands for anything'),
  operation: text('Only this operation: read, create, update, delete, list …'),
  'request-id': text('Only this request'),
  since: text('From this time on: RFC 3339, or how long ago, such as 2h'),
  until: text('Up to this time, given likewise'),
  errors: bool('Only what was refused or failed'),
  type: text('Which of the two records of a request', { values: ['request', 'response', 'all'], default: 'response' }),
};

export type Filter = (record: ShownRecord) => boolean;

/** `*` is any run of characters. Linear in the text for each `*`. */
export const matches = (pattern: string, whole: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return whole === first;
  if (!whole.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = whole.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return whole.length - last.length >= at && whole.endsWith(last);
};

const timeMs = (name: string, given: string, nowMs: number): number => {
  if (/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(given)) {
    const ms = Date.parse(given);
    if (!Number.isNaN(ms)) return ms;
  } else {
    try {
      return nowMs - parseDuration(given) * 1000;
    } catch {
      // Said below, for both.
    }
  }
  throw new CofferError('usage', `-${name}: expected a time such as 2026-01-31T12:00:00Z, or how long ago, such as 2h`);
};

const anyOf =
  (pattern: string, textsOf: (record: ShownRecord) => readonly string[]): Filter =>
  record =>
    textsOf(record).some(one => one !== '' && matches(pattern, one));

const actorTexts = ({ displayName, entityId, accessor }: ShownRecord): readonly string[] => [
  displayName,
  entityId,
  accessor,
];

const workloadTexts = ({ workload }: ShownRecord): readonly string[] =>
  workload === undefined ? [] : [`${workload.namespace}/${workload.serviceAccount}`, workload.pod, workload.node];

const types: readonly string[] = ['request', 'response', 'all'];

const typeOf = (flags: Flags): string => {
  const type = flags.text('type') ?? 'response';
  if (!types.includes(type)) throw new CofferError('usage', `-type: expected ${types.join(', ')}`);
  return type;
};

/** Throws `usage` where a flag says nothing usable. */
export const filterOf = (flags: Flags, nowMs: number): Filter => {
  const filters: Filter[] = [];
  const type = typeOf(flags);
  if (type !== 'all') filters.push(record => record.type === type);
  const when = (name: string, holds: (atMs: number, saidMs: number) => boolean): void => {
    const given = flags.text(name);
    if (given === undefined) return;
    const saidMs = timeMs(name, given, nowMs);
    filters.push(({ time }) => holds(Date.parse(time), saidMs));
  };
  const where = (name: string, made: (given: string) => Filter): void => {
    const given = flags.text(name);
    if (given !== undefined) filters.push(made(given));
  };
  when('since', (atMs, saidMs) => atMs >= saidMs);
  when('until', (atMs, saidMs) => atMs <= saidMs);
  where('path', given => record => matches(given, record.path));
  where('actor', given => anyOf(given, actorTexts));
  where('workload', given => anyOf(given, workloadTexts));
  where('operation', given => record => record.operation === given);
  where('request-id', given => record => record.requestId === given);
  if (flags.bool('errors')) filters.push(({ error }) => error !== '');
  return record => filters.every(holds => holds(record));
};
