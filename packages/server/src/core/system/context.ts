/** What the core's own rows get: the core itself, and the request they answer. */
import { CofferError } from '@coffer/schema/errors.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Core } from '../request/core.ts';
import type { Authenticated, Exchange } from '../request/exchange.ts';

export interface SystemCx {
  readonly core: Core;
  readonly exchange: Exchange;
}

export const { read, write, patch, remove, list } = rowsFor<SystemCx>();

/** The caller of a row that is not open: always there. */
export const callerOf = ({ exchange }: SystemCx): Authenticated => {
  if (exchange.caller === undefined) throw new CofferError('permission_denied', 'permission denied');
  return exchange.caller;
};
