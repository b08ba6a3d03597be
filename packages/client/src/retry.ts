/**
 * When a request is sent again, and after how long. Reads and deletes may be repeated; a write only where the server
 * cannot have run it: it was never sent, or was refused for being behind (412).
 */

/** Retries of one call, whatever the caller asks for. */
export const retryLimit = 10;
const firstDelayMs = 1000;
const delayLimitMs = 30_000;
/** Longer waits are the caller's to decide: the error carries the number. */
export const retryAfterLimitSeconds = 30;

const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

export const isRepeatable = (method: string): boolean => repeatable.has(method);

/** 5xx but "not implemented", which stays so. */
const isPassing = (status: number): boolean => status >= 500 && status !== 501;

export const mayRepeatStatus = (method: string, status: number): boolean =>
  status === 412 || (isPassing(status) && isRepeatable(method));

/** Doubling from one second, each with up to half of itself on top, so that many clients do not come back together. */
export const backoffMs = (attempt: number, chance: () => number): number => {
  const base = Math.min(firstDelayMs * 2 ** attempt, delayLimitMs);
  return Math.round(base * (1 + chance() / 2));
};

const wholeSeconds = /^[0-9]{1,9}$/;

/** The header in its seconds form (RFC 9110 §10.2.3). The date form is not read: clocks differ. */
export const retryAfterSeconds = (header: string | undefined): number | undefined =>
  header !== undefined && wholeSeconds.test(header) ? Number(header) : undefined;
