/** Spans of time as Go writes them: `1h30m0s`, `250ms`, `0`. Seconds as whole numbers where a kind says so. */
import { DurationError, durationLimitSeconds, parseDuration } from '@coffer/schema/duration.ts';
import type { Kind } from './kind.ts';
import type { Place } from './reading.ts';

/** A span of time; fractions are kept. */
export interface Span {
  readonly seconds: number;
}

const charactersLimit = 64;
/** `0`, or numbers each with its unit; no sign. No two parts can match the same character. */
const pattern = '^(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$';
const compiled = new RegExp(pattern);
const aDuration = 'a duration such as "1h30m0s", "90s" or "0", not negative, at most 292 years';
/** Go holds a duration in 63 bits of nanoseconds; only adding up tells whether this one fits. */
const fits = `duration(self) <= duration('${durationLimitSeconds}s')`;

const spanOf = (text: string): Span | undefined => {
  if (text.length > charactersLimit || !compiled.test(text)) return undefined;
  try {
    return { seconds: parseDuration(text) };
  } catch (error) {
    if (error instanceof DurationError) return undefined;
    throw error;
  }
};

/** Go's text of a duration. */
export const span: Kind<Span> = Object.freeze({
  type: 'duration',
  schema: {
    type: 'string',
    pattern,
    maxLength: charactersLimit,
    'x-kubernetes-validations': [{ rule: fits, message: `expected ${aDuration}` }],
  },
  read: (value: unknown, at: Place): Span =>
    (typeof value === 'string' ? spanOf(value) : undefined) ?? at.refuse(`expected ${aDuration}`),
});

const eitherOne = `whole seconds, or ${aDuration}`;
const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= durationLimitSeconds;

/** A whole number of seconds, or Go's text of a duration. */
export const secondsOrSpan: Kind<Span> = Object.freeze({
  type: 'seconds or duration',
  schema: {
    'x-kubernetes-int-or-string': true,
    pattern,
    maxLength: charactersLimit,
    'x-kubernetes-validations': [
      {
        rule: `type(self) == int ? self >= 0 && self <= ${durationLimitSeconds} : ${fits.replace('self', 'string(self)')}`,
        message: `expected ${eitherOne}`,
      },
    ],
  },
  read: (value: unknown, at: Place): Span =>
    isSeconds(value)
      ? { seconds: value }
      : ((typeof value === 'string' ? spanOf(value) : undefined) ?? at.refuse(`expected ${eitherOne}`)),
});
