/** Spans of time as this engine's answers write them, `1h30m0s`, and as its fields take them, negative ones too. */
import { CofferError } from '@coffer/schema/errors.ts';
import { DurationError, parseDuration } from '@coffer/schema/duration.ts';

/** Milliseconds. Throws `invalid_request` that names the field. */
export const readSpan = (field: string, text: string): number => {
  try {
    return Math.trunc(parseDuration(text) * 1000);
  } catch (cause) {
    if (cause instanceof DurationError) throw new CofferError('invalid_request', `field "${field}": ${cause.message}`);
    throw cause;
  }
};

/** `0s`, `250ms`, `90.5s` as `1m30.5s`, `-1s`. */
export const spanText = (spanMs: number): string => {
  if (spanMs === 0) return '0s';
  if (spanMs < 0) return `-${spanText(-spanMs)}`;
  if (spanMs < 1000) return `${spanMs}ms`;
  const hours = Math.floor(spanMs / 3_600_000);
  const minutes = Math.floor(spanMs / 60_000) % 60;
  const seconds = `${(spanMs % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
};
