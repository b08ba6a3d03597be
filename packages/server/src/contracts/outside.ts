/** Calls to servers outside, as engines may make them. */

export interface OutsideCall {
  /** `https`, or `http` to this machine itself. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: ReadonlyMap<string, string>;
  readonly body?: Uint8Array | undefined;
  /** Authorities that the server's certificate must come from; those of the system where undefined. */
  readonly caPem?: string | undefined;
  /** `anywhere`: also this machine and private networks. Link-local addresses, where clouds keep credentials, never. */
  readonly reach: 'public' | 'anywhere';
  /** Longer answers are a failure. */
  readonly answerLimitBytes: number;
  /** For all of it, the wait for others included. */
  readonly limitMs: number;
}

export interface OutsideAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/**
 * Redirects are answers, not followed. Rejects with `unreachable` where there is no answer, with `quota_exceeded` where too
 * many calls to this server wait already, with `invalid_request` where the address may not be called.
 */
export type Outside = (call: OutsideCall) => Promise<OutsideAnswer>;
