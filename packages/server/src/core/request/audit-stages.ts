/**
 * The request is on record before it can have an effect, the answer before it leaves. Where a row changes nothing, both
 * records are written together, since nothing has happened until the answer leaves.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Exchange } from './exchange.ts';
import type { Stage } from './stage.ts';

const audited = (exchange: Exchange): boolean =>
  exchange.namespace !== undefined && exchange.error?.facts.audit !== false && exchange.matched?.row.audit !== 'none';

/**
 * Nothing happens between the two records: the row is pure, or the request was refused before it ran. An answer that is
 * wrapped is stored, whatever its row does.
 */
const together = (exchange: Exchange): boolean =>
  exchange.grantedBy === undefined ||
  exchange.wantsHelp ||
  (exchange.matched?.row.pure === true && exchange.wrap === undefined);

export const auditRequest: Stage = {
  name: 'auditRequest',
  run: (exchange, core) => {
    if (!audited(exchange) || together(exchange)) return undefined;
    exchange.requestRecorded = true;
    return needed(exchange, core.audit.writeRequest(exchange));
  },
};

export const auditResponse: Stage = {
  name: 'auditResponse',
  afterFailure: audited,
  run: (exchange, core) => {
    if (!audited(exchange)) return undefined;
    const pending = core.audit.writeResponse(exchange, !exchange.requestRecorded);
    if (pending === undefined || !exchange.requestRecorded) return pending;
    return needed(exchange, pending)?.catch((cause: unknown) => {
      if (exchange.matched?.row.audit === 'request' && exchange.error === undefined) return;
      throw exchange.error === undefined ? outcomeUnknown(exchange, cause) : cause;
    });
  },
};

/** The broker has logged what a device could not take. */
const needed = (exchange: Exchange, written: Promise<void> | undefined): Promise<void> | undefined =>
  exchange.matched?.row.audit === 'effort' ? written?.catch(() => undefined) : written;

const outcomeUnknown = (exchange: Exchange, cause: unknown): CofferError =>
  new CofferError(
    'outcome_unknown',
    `the request was carried out, but its audit record could not be written: outcome recorded, unknown to caller (request ${exchange.id})`,
    { cause },
  );
