/** What audit records say of wrapping: how long was asked for, and which token was handed out in place of the answer. */
import type { Exchange } from '../request/exchange.ts';
import { type Wrapped, wrapInfo } from '../wrapping/wrapped.ts';
import type { AuditHasher } from './hashing.ts';
import { inert } from './inert.ts';

export const wrapAskedText = ({ wrap }: Exchange): string =>
  wrap === undefined ? '' : `,"wrap_ttl":${wrap.ttlSeconds}`;

/** The token is hashed as whoever unwraps it shows it, whatever was wrapped around it. */
export const wrapInfoText = (hasher: AuditHasher, wrapped: Wrapped): string => {
  const { creation_path, accessor, wrapped_accessor, ...rest } = wrapInfo({ ...wrapped, shown: wrapped.made.text });
  const hashed = hasher.sent(rest);
  const accessors = Object.entries({ accessor, wrapped_accessor })
    .map(([name, value]) => (typeof value === 'string' ? `,"${name}":${hasher.accessor(value)}` : ''))
    .join('');
  return `"wrap_info":${hashed.slice(0, -1)}${accessors},"creation_path":${inert(creation_path)}}`;
};
