/**
 * The one place that answers "may this token do this?". Help is always allowed; an open row needs no token; everything
 * else needs a rule that grants it, and a sudo row the sudo capability as well.
 */
import { CofferError, oneError } from '@coffer/schema/errors.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import { fromUnknown } from '@coffer/schema/json/unknown.ts';
import type { Acl } from '../policies/acl.ts';
import type { Core } from './core.ts';
import { becomeCurrent, isCertain } from './current.ts';
import type { Exchange, Operation } from './exchange.ts';
import { decide } from './kept-path.ts';
import { isOpen, refuseWrapped } from './open.ts';
import type { Stage } from './stage.ts';
import { askAgain, strangerRefusal } from './token.ts';
import { refuseUnwrappable } from './wrappable.ts';

const openlyGranted: readonly string[] = Object.freeze([]);

export const policyStage: Stage = {
  name: 'policy',
  run: (exchange, core) => {
    if (!isCertain(exchange, core)) return findAnew(exchange, core, becomeCurrent(exchange, core));
    return exchange.bodyWasAwaited ? findAnew(exchange, core) : authorise(exchange);
  },
};

const findAnew = async (exchange: Exchange, core: Core, ready?: Promise<void>): Promise<void> => {
  await ready;
  await askAgain(exchange, core);
  await authorise(exchange);
};

/** What the policies are asked about this request beside path and capability. */
const wrapOf = ({ wrap }: Exchange): { wrapTtlSeconds: number | undefined } => ({ wrapTtlSeconds: wrap?.ttlSeconds });

const authorise = (exchange: Exchange): void | Promise<void> => {
  if (isOpen(exchange)) {
    refuseWrapped(exchange);
    refuseUnwrappable(exchange);
    if (exchange.refusedBody !== undefined) throw exchange.refusedBody;
    exchange.grantedBy = openlyGranted;
    return undefined;
  }
  const { caller } = exchange;
  if (caller === undefined) throw strangerRefusal(exchange);
  if (exchange.refusedBody !== undefined) throw mayAsk(exchange, caller.acl) ? exchange.refusedBody : denied();
  const grantAs = (operation: Operation): void => grant(exchange, caller.acl, operation);
  const exists = exchange.verb === 'write' ? existence(exchange) : undefined;
  if (exists instanceof Promise) return exists.then(there => grantAs(there ? 'update' : 'create'));
  return grantAs(exists === undefined ? exchange.operation : exists ? 'update' : 'create');
};

/** Whether the path is the caller's to ask at, whatever was to be said there: the body could not be read. */
const mayAsk = (exchange: Exchange, acl: Acl): boolean => {
  const { matched, operation } = exchange;
  const asked = matched?.row.exists === undefined ? [operation] : [operation, 'create' as const];
  const holds = (capability: Operation | 'sudo'): boolean => {
    if (capability === 'help') return true;
    const { allowed, refusal } = decide(exchange, acl, { capability, ...wrapOf(exchange) });
    return allowed || refusal === 'parameter' || refusal === 'wrapping' || refusal === 'pagination';
  };
  return asked.some(holds) && (matched?.row.access !== 'sudo' || holds('sudo'));
};

const existence = (exchange: Exchange): boolean | Promise<boolean> | undefined => {
  const { matched, mount } = exchange;
  if (matched?.row.exists === undefined || mount === undefined) return undefined;
  return matched.row.exists(mount.contextFor(exchange as never) as never, exchange.args as never);
};

/** What the caller sent, under the names the row knows it by; of a query where there is no body. */
export const parametersOf = (exchange: Exchange): ReadonlyMap<string, RawJson> | undefined => {
  const row = exchange.matched?.row;
  const asked = row?.body !== 'json' && exchange.query.size > 0;
  const sent = exchange.members ?? (asked ? ofQuery(exchange) : undefined);
  if (sent === undefined || row === undefined) return sent;
  const renamed = Object.entries(row.in).flatMap(([name, { aliases }]) =>
    aliases.flatMap((alias): [string, RawJson][] => {
      const value = sent.get(alias);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return renamed.length === 0 ? sent : new Map([...renamed, ...sent]);
};

const ofQuery = ({ query }: Exchange): ReadonlyMap<string, RawJson> =>
  new Map([...query].map(([name, values]) => [name, fromUnknown(values.join(','))]));

const denied = (): CofferError => new CofferError('permission_denied', oneError('permission denied'));

/** A batch token has no record: some rows have nothing to work on. */
const refuseBatch = ({ caller, matched }: Exchange): void => {
  const refusal = matched?.row.serviceOnly;
  if (refusal !== undefined && caller?.token.type === 'batch') throw new CofferError('invalid_request', refusal);
};

const grant = (exchange: Exchange, acl: Acl, operation: Operation): void => {
  exchange.operation = operation;
  if (operation === 'help') {
    exchange.grantedBy = openlyGranted;
    return;
  }
  const asked = wrapOf(exchange);
  const decision = decide(exchange, acl, { ...asked, capability: operation, parameters: parametersOf(exchange) });
  if (!decision.allowed) throw denied();
  const row = exchange.matched?.row;
  if (row?.access === 'sudo' && !decide(exchange, acl, { ...asked, capability: 'sudo' }).allowed) throw denied();
  refuseUnwrappable(exchange);
  refuseBatch(exchange);
  exchange.decision = decision;
  exchange.grantedBy = decision.granting;
};
