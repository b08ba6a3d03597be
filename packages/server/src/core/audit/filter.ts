/** What the filter of an audit device can ask of a request. */
import { CofferError } from '@coffer/schema/errors.ts';
import { type Filter, parseFilter, type Selectors } from '../filter/parse.ts';
import type { Exchange } from '../request/exchange.ts';

const selectors: Selectors<Exchange> = new Map([
  ['mount_point', ({ mount }: Exchange) => mount?.prefix ?? ''],
  ['mount_type', ({ mount }: Exchange) => mount?.record.type ?? ''],
  ['namespace', ({ namespace }: Exchange) => namespace?.path ?? ''],
  ['operation', ({ operation }: Exchange) => operation],
  ['path', ({ path }: Exchange) => path],
]);

/** Undefined for the empty text: such a device takes everything. Throws as `parseFilter`. */
export const auditFilter = (text: string): Filter<Exchange> | undefined =>
  text === '' ? undefined : parseFilter(text, selectors);

/** What is wrong with it; undefined where it can be used. */
export const filterFault = (text: string): string | undefined => {
  try {
    auditFilter(text);
    return undefined;
  } catch (cause) {
    if (cause instanceof CofferError) return cause.publicMessage;
    throw cause;
  }
};
