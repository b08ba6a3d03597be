/** Which answers may be kept back: a row says so, and asking for it elsewhere is refused. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Exchange } from './exchange.ts';

/** An answer that was to be wrapped must never leave unwrapped. Help tells nothing that could be. */
export const refuseUnwrappable = ({ wrap, matched, wantsHelp }: Exchange): void => {
  if (wrap === undefined || wantsHelp || matched === undefined || matched.row.wrappable) return;
  throw new CofferError('invalid_request', 'this answer cannot be wrapped: leave X-Vault-Wrap-TTL out');
};
