/** A sealed store answers only rows that say they work while sealed. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Row } from '@coffer/schema/row.ts';
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';
import type { Stage } from './stage.ts';

export const sealedStage: Stage = {
  name: 'sealed',
  run: (exchange, core) => {
    exchange.storeWasOpen = !core.seal.sealed;
    if (exchange.storeWasOpen || worksWhileSealed(exchange, core)) return;
    throw new CofferError('sealed', 'Vault is sealed');
  },
};

/** Also before it is known that the node is current: it tells nothing of what is in memory. */
export const worksWhileSealed = (exchange: Exchange, core: Core): boolean =>
  systemRow(exchange, core)?.whileSealed === true;

/** The row of `sys/` that the request is for, before mounts are looked at. */
export const systemRow = (exchange: Exchange, core: Core): Row<never> | undefined => {
  const { system } = core.mounts;
  if (exchange.wantsHelp || !exchange.path.startsWith(system.prefix)) return undefined;
  const found = system.table.match(exchange.verb, exchange.path.slice(system.prefix.length));
  return 'row' in found ? found.row : undefined;
};
