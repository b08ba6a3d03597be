/** Answers the HTTP surface gives by itself, before or instead of the pipeline. */
import type { Log } from '../contracts/log.ts';
import type { WireAnswer } from '../contracts/wire.ts';
import { plainHeaders } from '../core/request/plain-headers.ts';

const text = new TextEncoder();

/** With an empty message the list of errors is empty too, as clients know it of some statuses. */
export const refusal = (status: number, message: string): WireAnswer => ({
  status,
  headers: plainHeaders,
  body: text.encode(`{"errors":[${message === '' ? '' : JSON.stringify(message)}]}`),
});

/**
 * A bug below the HTTP surface: logged under an id that the caller gets in `X-Coffer-Error-Id`. An error's message may
 * hold a value, so only its code or name and where it was thrown are logged.
 */
export class Faults {
  readonly #log: Log;
  readonly #start: string;
  #count = 0;

  constructor(log: Log, startMs: number) {
    this.#log = log;
    this.#start = startMs.toString(36);
  }

  answer(thrown: unknown): WireAnswer {
    const id = `${this.#start}-${++this.#count}`;
    this.#log.write('error', 'a request ended in an internal error', { id, ...described(thrown) });
    const { status, body } = refusal(500, 'internal error');
    return { status, headers: [...plainHeaders, ['X-Coffer-Error-Id', id]], body };
  }
}

const framesLimit = 12;

/** Code (`ENOENT`, `ERR_OSSL_…`) or name of what was thrown, and where. */
export function described(thrown: unknown): { readonly error: string; readonly at: string } {
  if (!(thrown instanceof Error)) return { error: typeof thrown, at: '' };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
  const frames = (thrown.stack ?? '').split('\n').filter(line => line.startsWith('    at '));
  const shown = frames.slice(0, framesLimit).map(line => line.trim());
  return { error: code, at: shown.join('; ') };
}
