/** Runs the row's function. The only stage with effects on secrets; it trusts nothing that the policy stage has not said. */
import { CofferError, oneError } from '@coffer/schema/errors.ts';
import { Reply } from '@coffer/schema/row.ts';
import { limitedList } from '../policies/list-limits.ts';
import { pathHelp } from '../system/help.ts';
import type { Core } from './core.ts';
import type { Mount } from '../mounts/mount.ts';
import { refuseUncertain } from './current.ts';
import type { Exchange, Matched } from './exchange.ts';
import type { Stage } from './stage.ts';
import { listPath } from './target.ts';

export const runStage: Stage = {
  name: 'run',
  run: (exchange, core) => {
    if (exchange.grantedBy === undefined) throw new TypeError('run was reached without a policy decision');
    refuseUncertain(exchange, core);
    refuseChanged(exchange, core);
    if (exchange.wantsHelp) {
      exchange.reply = pathHelp(exchange);
      return undefined;
    }
    const { mount, matched } = exchange;
    if (mount === undefined)
      throw new CofferError('no_mount', `no handler for route "${exchange.path}". route entry not found.`);
    if (matched === undefined) throw unknownOperation(exchange);
    return runIn(mount, exchange, matched);
  },
};

/** Counted in the mount while it runs, so that the mount is not removed or rewritten under it. */
const runIn = (mount: Mount, exchange: Exchange, { row }: Matched): void | Promise<void> => {
  const answered = row.run(mount.contextFor(exchange as never) as never, exchange.args as never);
  if (!(answered instanceof Promise)) return settle(exchange, answered);
  const leave = mount.running.enter();
  return answered.then(
    value => {
      leave();
      return settle(exchange, value);
    },
    (cause: unknown) => {
      leave();
      throw cause;
    },
  );
};

/** A body may take long: what was found before it came may be gone. */
const refuseChanged = (exchange: Exchange, core: Core): void => {
  const { mount, path, matched } = exchange;
  if (core.seal.sealed && matched?.row.whileSealed !== true) throw new CofferError('sealed', 'Vault is sealed');
  if (mount !== undefined && core.mounts.resolve(path) !== mount && core.mounts.resolve(listPath(path)) !== mount)
    throw new CofferError('conflict', 'the mount was changed while the request was on its way; try again');
};

const settle = (exchange: Exchange, answered: unknown): void | Promise<void> => {
  if (answered === undefined) return undefined;
  const reply = limited(exchange, answered instanceof Reply ? answered : new Reply(answered as Reply['data']));
  if (reply instanceof Promise)
    return reply.then(ready => {
      exchange.reply = ready;
    });
  exchange.reply = reply;
  return undefined;
};

const limited = ({ caller, decision, path, verb }: Exchange, reply: Reply): Reply | Promise<Reply> => {
  const listed = verb === 'list' || verb === 'scan';
  if (!listed || caller === undefined || decision === undefined) return reply;
  return limitedList({ acl: caller.acl, decision, path, reply });
};

/** 405 where the path is known by other verbs, 404 where it is not. */
const unknownOperation = (exchange: Exchange): CofferError => {
  const { mount, verb, path } = exchange;
  if (mount === undefined) return new CofferError('no_mount', '');
  const inside = path.slice(mount.prefix.length);
  const known = mount.table.match(verb, inside.endsWith('/') ? inside.slice(0, -1) : inside);
  return !('row' in known) && known.length > 0
    ? new CofferError('unsupported_operation', oneError('unsupported operation'))
    : new CofferError('unsupported_path', oneError('unsupported path'));
};
