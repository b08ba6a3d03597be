/** What a request says about wrapping its answer: `X-Vault-Wrap-TTL` and `X-Vault-Wrap-Format`. */
import { DurationError, parseDuration } from '@coffer/schema/duration.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { WireHeaders } from '../../contracts/wire.ts';

export interface WrapAsked {
  readonly ttlSeconds: number;
  /** `jwt`: a token that says of itself where it can be opened. */
  readonly format: 'plain' | 'jwt';
}

/** Undefined where nothing is asked. Throws `invalid_request` for what is no time: the answer must not leave unwrapped. */
export const askedWrap = (headers: WireHeaders): WrapAsked | undefined => {
  const given = headers.get('x-vault-wrap-ttl');
  if (given === undefined || given === '') return undefined;
  const seconds = secondsOf(given);
  if (seconds < 0) throw new CofferError('invalid_request', 'requested wrap ttl cannot be negative');
  if (seconds === 0) return undefined;
  return { ttlSeconds: Math.ceil(seconds), format: headers.get('x-vault-wrap-format') === 'jwt' ? 'jwt' : 'plain' };
};

const secondsOf = (given: string): number => {
  try {
    return parseDuration(given);
  } catch (cause) {
    if (!(cause instanceof DurationError)) throw cause;
    throw new CofferError('invalid_request', `error parsing X-Vault-Wrap-TTL header: ${cause.message}`);
  }
};
