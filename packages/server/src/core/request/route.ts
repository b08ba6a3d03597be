/**
 * Finds namespace, mount and row. A path without mount or row is not refused here: the caller must first show a token
 * that may ask, or strangers could map the store by its refusals.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { namespaceOf } from '../namespaces/namespace.ts';
import type { Core } from './core.ts';
import { catchUp } from './current.ts';
import type { Exchange } from './exchange.ts';
import { listPath } from './target.ts';
import type { Stage } from './stage.ts';

export const namespaceStage: Stage = {
  name: 'namespace',
  run: exchange => {
    exchange.namespace = namespaceOf(exchange.wire.headers.get('x-vault-namespace'));
  },
};

export const mountStage: Stage = {
  name: 'mount',
  run: (exchange, core) => {
    find(exchange, core);
    // Another node may just have made it.
    if (exchange.mount !== undefined || !core.nodes.areMany) return undefined;
    return catchUp(exchange, core).then(() => find(exchange, core));
  },
};

const find = (exchange: Exchange, { mounts }: Core): void => {
  const { path } = exchange;
  exchange.mount = mounts.resolve(path) ?? mounts.resolve(listPath(path));
};

export const rowStage: Stage = {
  name: 'row',
  run: exchange => {
    const { mount, verb, path } = exchange;
    const collection = verb === 'list' || verb === 'scan';
    if (!collection && path.endsWith('/') && verb !== 'read' && verb !== 'delete')
      throw new CofferError('invalid_request', "cannot write to a path ending in '/'");
    if (mount === undefined) return;
    const inside = path.slice(mount.prefix.length);
    const found = mount.table.match(verb, collection ? inside.slice(0, -1) : inside);
    if (!('row' in found)) return;
    // A slash at the end names nothing, but where a row says that it goes by that name too.
    if (collection || !inside.endsWith('/') || found.row.aliases.includes(inside)) exchange.matched = found;
  },
};
