/** Whether a request needs no token: its row says so, or the listener it came through opens its row. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Exchange } from './exchange.ts';

export const isOpen = ({ matched, wantsHelp, wire }: Exchange): boolean => {
  const row = matched?.row;
  if (row === undefined || wantsHelp) return false;
  return row.access === 'open' || (row.openable !== undefined && wire.opens?.has(row.openable) === true);
};

/** What a listener opens is answered at once: strangers must not be able to fill the store with wrapped answers. */
export const refuseWrapped = ({ wrap, matched }: Exchange): void => {
  if (wrap !== undefined && matched?.row.access !== 'open')
    throw new CofferError('invalid_request', 'this answer cannot be wrapped: leave X-Vault-Wrap-TTL out');
};
