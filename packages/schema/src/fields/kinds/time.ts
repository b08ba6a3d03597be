/** Spans of time in seconds, and moments. */
import { DurationError, parseDuration } from '../../duration.ts';
import type { RawJson } from '../../json/raw.ts';
import { type Kind, makeKind, Refused } from '../kind.ts';
import { refuseExpecting, scalarText } from './scalar.ts';

const aDuration = 'a duration: seconds, or a text such as "90s", "1h30m" or "7d", not negative';
const readDuration = (text: string): number => {
  try {
    const seconds = Math.trunc(parseDuration(text));
    return seconds < 0 ? refuseExpecting(aDuration) : seconds;
  } catch (cause) {
    if (cause instanceof DurationError) throw new Refused(cause.message);
    throw cause;
  }
};

/** A JSON number may have a fraction, which is cut off like that of a text. */
const coerceDuration = (value: RawJson): number => {
  if (value.type === 'string') return readDuration(scalarText(value, aDuration));
  const seconds = value.type === 'number' ? Math.trunc(Number(scalarText(value, aDuration))) : Number.NaN;
  return Number.isSafeInteger(seconds) ? readDuration(String(seconds)) : refuseExpecting(aDuration);
};

/** Whole seconds; fractions are cut off. */
export const duration: Kind<number> = makeKind({
  name: 'duration',
  expects: aDuration,
  json: { type: 'integer', format: 'seconds' },
  ts: { in: 'number | string', out: 'number' },
  emptyIsAbsent: true,
  coerce: coerceDuration,
  form: readDuration,
  arbitrary: pick =>
    pick([
      0,
      60,
      1.9,
      -1,
      1e300,
      '',
      '0',
      '90',
      '7d',
      '1h30m',
      '1.5h',
      '250ms',
      '1.5d',
      '10x',
      '-1m',
      true,
      null,
      [],
      {},
    ]),
});

const aLease = 'a duration such as "90s" or "7d", or "system" or -1 for what the system says';
const saysSystem = (text: string): boolean => text === 'system' || text === '-1';

/** The lease time of a mount; 0 is the system's, which may also be named. */
export const lease: Kind<number> = makeKind({
  ...duration,
  name: 'lease',
  expects: aLease,
  coerce: value =>
    (value.type === 'string' || value.type === 'number') && saysSystem(scalarText(value, aLease))
      ? 0
      : duration.coerce(value),
  form: text => (saysSystem(text) ? 0 : duration.form(text)),
  flag: text => (saysSystem(text) ? 0 : duration.form(text)),
  arbitrary: pick => pick(['system', '-1', -1, -2, 'System', '90', '7d', 60, '10x', true, null, [], {}]),
});

const aMoment = 'a time such as "2026-08-21T08:00:00Z" (RFC 3339), or seconds since 1970';
/** RFC 3339 §5.6; every part of fixed or bounded length. */
const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const epoch = /^-?\d{1,12}$/;

const readMoment = (given: string): Date => {
  const text = given.trim();
  if (epoch.test(text)) return new Date(Number(text) * 1000);
  const found = rfc3339.exec(text);
  if (found === null) return refuseExpecting(aMoment);
  const part = (index: number): number => Number(found[index] ?? 0);
  const offsetMinutes = (found[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10));
  const milliseconds = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = new Date(Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6), milliseconds));
  local.setUTCFullYear(part(1), part(2) - 1, part(3));
  const rolled =
    local.getUTCMonth() !== part(2) - 1 || local.getUTCHours() !== part(4) || local.getUTCSeconds() !== part(6);
  if (rolled || part(5) > 59 || part(9) > 23 || part(10) > 59) return refuseExpecting(aMoment);
  return new Date(local.getTime() - offsetMinutes * 60_000);
};

export const time: Kind<Date> = makeKind({
  name: 'time',
  expects: aMoment,
  json: { type: 'string', format: 'date-time' },
  ts: { in: 'string | Date', out: 'string' },
  emptyIsAbsent: true,
  coerce: value => (value.type === 'boolean' ? refuseExpecting(aMoment) : readMoment(scalarText(value, aMoment))),
  form: readMoment,
  arbitrary: pick =>
    pick([
      '2026-08-21T08:00:00Z',
      '2026-08-21T08:00:00.123456789+02:00',
      '2026-02-30T08:00:00Z',
      '',
      'now',
      1_700_000_000,
      true,
      null,
      [],
      {},
    ]),
});
