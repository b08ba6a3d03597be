/**
 * A moment as RFC 3339 text in UTC with milliseconds, as `Date.prototype.toISOString` writes it, at a fifth of its cost:
 * answers and audit records are full of moments.
 */
const dayMs = 86_400_000;
const digits: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));
const two = (value: number): string => digits[value] ?? '';

/** Years that take four digits; before and after, the platform writes. */
const firstMs = Date.UTC(1970, 0, 1);
const endMs = Date.UTC(10_000, 0, 1);

/** Days since 1970-01-01 in the proleptic Gregorian calendar: eras of 400 years, years that begin in March. */
const dateOf = (days: number): string => {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const march = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * march + 2) / 5) + 1;
  const month = march < 10 ? march + 3 : march - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${two(Math.floor(year / 100))}${two(year % 100)}-${two(month)}-${two(day)}`;
};

let knownDays = -1;
let knownDate = '';

/** Throws `RangeError` for what is no moment. */
export const isoTime = (ms: number): string => {
  if (!Number.isInteger(ms) || ms < firstMs || ms >= endMs) return new Date(ms).toISOString();
  const days = Math.floor(ms / dayMs);
  if (days !== knownDays) {
    knownDate = dateOf(days);
    knownDays = days;
  }
  const inDay = ms - days * dayMs;
  const seconds = Math.floor(inDay / 1000);
  const rest = inDay - seconds * 1000;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const milliseconds = `${Math.floor(rest / 100)}${two(rest % 100)}`;
  return `${knownDate}T${two(hours)}:${two(minutes % 60)}:${two(seconds % 60)}.${milliseconds}Z`;
};
