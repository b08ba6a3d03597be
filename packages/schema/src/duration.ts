/**
 * Durations as the wire and the configuration write them: `90` (seconds), `7d`, or Go's form `1h30m`, `1.5h`, `250ms`.
 * Linear, bounded, and the same for every surface. The reason of a refusal names what is expected, never the text.
 */

const textLimit = 64;
/** Go holds a duration in 63 bits of nanoseconds; nobody may write a longer one. */
export const durationLimitSeconds = 9_223_372_036;

const unitSeconds: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['μs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** The text is no duration. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

const wholeSeconds = /^[+-]?[0-9]{1,20}$/;
const days = /^([+-]?[0-9]{1,20})d$/;
/** One `<number><unit>`; anchored where the last one ended, and no two parts of it can match the same character. */
const part = /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/y;

const refuse = (reason: string): never => {
  throw new DurationError(reason);
};

const sum = (text: string, start: number): number => {
  let total = 0;
  part.lastIndex = start;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    const whole = found?.[1] ?? '';
    const fraction = found?.[2] ?? '';
    const unit = unitSeconds.get(found?.[3] ?? '');
    if (unit === undefined || whole + fraction === '') {
      return refuse('expected a duration: seconds, or a text such as "90s", "1h30m" or "7d"');
    }
    total += Number(`${whole === '' ? '0' : whole}.${fraction}`) * unit;
  }
  return total;
};

const goForm = (text: string): number => {
  const signed = text.startsWith('-') || text.startsWith('+');
  const start = signed ? 1 : 0;
  if (text.length === start) return refuse('expected a duration: a sign alone is none');
  const total = sum(text, start);
  return text.startsWith('-') ? -total : total;
};

/** Seconds, fractions allowed; '' is 0. Throws `DurationError`. */
export const parseDuration = (given: string): number => {
  const text = given.trim();
  if (text === '') return 0;
  if (text.length > textLimit) return refuse(`expected a duration of at most ${textLimit} characters`);
  const inDays = days.exec(text)?.[1];
  const seconds =
    inDays !== undefined ? Number(inDays) * 86_400 : wholeSeconds.test(text) ? Number(text) : goForm(text);
  if (Math.abs(seconds) > durationLimitSeconds) return refuse('expected a duration of at most 292 years');
  return Object.is(seconds, -0) ? 0 : seconds;
};
