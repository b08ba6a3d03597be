/** One request as callers write it. */
import type { Out } from '@coffer/schema/out.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Query } from './path.ts';
import type { Sink } from './transport.ts';

export type Method = 'GET' | 'LIST' | 'SCAN' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';

export interface Request {
  readonly method: Method;
  /** Below `/v1/`, not encoded: `secret/data/app`. */
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: Out;
  /** Asks for the answer wrapped, for this long: `60`, `5m`. */
  readonly wrapTtl?: string | undefined;
  /** Another token than the client's; `null` sends none. */
  readonly token?: Secret | null | undefined;
  readonly headers?: ReadonlyMap<string, string> | undefined;
  /** A body that comes piece by piece, in place of `body`: sent once, never again, without a deadline. */
  readonly source?: AsyncIterable<Uint8Array> | undefined;
  /** Takes the bytes of the answer as they come, without a deadline; a refusal is still thrown. */
  readonly sink?: Sink | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Statuses beside 2xx that are answers, not refusals: `sys/health` has several. */
  readonly accept?: readonly number[] | undefined;
}
