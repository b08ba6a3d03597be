/**
 * The one place that answers "may this token do this?". Help is always allowed; an open row needs no token; everything
 * else needs a rule that grants it, and a sudo row the sudo capability as well.
 */
import { CofferError, oneError } from '@coffer/schema/errors.ts';
import type { Acl } from '../policies/acl.ts';
import type { Exchange, Operation } from './exchange.ts';
import type { Stage } from './stage.ts';

const openlyGranted: readonly string[] = Object.freeze([]);

export const policyStage: Stage = {
  name: 'policy',
  run: exchange => {
    const row = exchange.matched?.row;
    if (row?.access === 'open' || (exchange.wantsHelp && exchange.caller !== undefined)) {
      exchange.grantedBy = openlyGranted;
      return undefined;
    }
    const { caller } = exchange;
    if (caller === undefined) throw new CofferError('permission_denied', 'permission denied');
    const decide = (operation: Operation): void => grant(exchange, caller.acl, operation);
    const exists = exchange.verb === 'write' ? existence(exchange) : undefined;
    if (exists instanceof Promise) return exists.then(there => decide(there ? 'update' : 'create'));
    return decide(exists === undefined ? exchange.operation : exists ? 'update' : 'create');
  },
};

const existence = (exchange: Exchange): boolean | Promise<boolean> | undefined => {
  const { matched, mount } = exchange;
  if (matched?.row.exists === undefined || mount === undefined) return undefined;
  return matched.row.exists(mount.contextFor(exchange as never) as never, exchange.args as never);
};

const denied = (): CofferError => new CofferError('permission_denied', oneError('permission denied'));

const grant = (exchange: Exchange, acl: Acl, operation: Operation): void => {
  exchange.operation = operation;
  if (operation === 'help') throw denied();
  const decision = acl.decide({ path: exchange.path, capability: operation, parameters: exchange.members });
  if (!decision.allowed) throw denied();
  const row = exchange.matched?.row;
  if (row?.access === 'sudo' && !acl.decide({ path: exchange.path, capability: 'sudo' }).allowed) throw denied();
  exchange.grantedBy = decision.granting;
};
