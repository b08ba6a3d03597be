/** Why a stream ends, as both forms of it tell: the close codes of RFC 6455 §7.4.1, also in the last server-sent event. */
import { CofferError } from '@coffer/schema/errors.ts';

export interface Ending {
  readonly code: number;
  /** At most 123 bytes. */
  readonly reason: string;
}

export const endings = {
  sealed: { code: 1001, reason: 'the store was sealed' },
  shutDown: { code: 1001, reason: 'the server shuts down' },
  tokenEnded: { code: 1008, reason: 'the token is not valid any more' },
  denied: { code: 1008, reason: 'permission denied' },
  failed: { code: 1011, reason: 'Internal error: the change stream failed' },
  tooSlow: { code: 1013, reason: 'too slow: events were told faster than they were read' },
  tooMany: { code: 1013, reason: 'too many subscribers' },
} as const satisfies { readonly [name: string]: Ending };

/** Of what the storage or the barrier failed with. */
export const endingOf = (cause: unknown): Ending =>
  cause instanceof CofferError && cause.code === 'sealed' ? endings.sealed : endings.failed;
