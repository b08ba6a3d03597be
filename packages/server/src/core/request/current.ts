/**
 * Nothing is served from memory by a node that cannot show that it is current (`core/nodes/freshness.ts`). Looked at before
 * anything is read, again before a row runs, and before an answer leaves. Who comes while the node cannot show it waits for
 * a moment; a request that has had no effect is refused.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';
import { worksWhileSealed } from './sealed.ts';
import type { Stage } from './stage.ts';

/** Longest that a request waits for the node to be current. */
const waitMs = 1000;

const notCurrent = (): CofferError =>
  new CofferError(
    'not_current',
    'this node cannot show that what it knows is current; try again, here or at another node',
    {
      retryAfterSeconds: 1,
    },
  );

export const currentStage: Stage = {
  name: 'current',
  run: (exchange, core) => {
    const { freshness } = core.nodes;
    exchange.losses = freshness.losses;
    if (!exchange.storeWasOpen) return undefined;
    const state = core.nodes.areMany ? exchange.wire.headers.get('x-vault-index') : undefined;
    if (state === undefined && freshness.holds()) return undefined;
    if (worksWhileSealed(exchange, core)) return undefined;
    if (state === undefined) return wait(exchange, core);
    return freshness.holds() && core.nodes.hasState(state) ? undefined : wait(exchange, core, state);
  },
};

/** A state that the caller knows and this node does not, yet: it must not be answered from before it. */
const behind = (): CofferError =>
  new CofferError('behind_index', 'this node has not yet seen the state that X-Vault-Index asks for; try again', {
    retryAfterSeconds: 1,
  });

const wait = async (exchange: Exchange, core: Core, state?: string): Promise<void> => {
  const { freshness } = core.nodes;
  if (state !== undefined && !(await core.nodes.whenState(state, waitMs))) throw behind();
  if (!(await freshness.whenHolds(waitMs))) throw notCurrent();
  exchange.losses = freshness.losses;
};

/** Whether what was found since the request came is still certain. */
export const isCertain = ({ losses, matched }: Exchange, { nodes }: Core): boolean =>
  nodes.freshness.heldSince(losses) || matched?.row.whileSealed === true;

/** What was found of the caller is to be found anew: the node was not current in between. */
export const becomeCurrent = (exchange: Exchange, core: Core): Promise<void> => wait(exchange, core);

/** Before a row runs: it has had no effect. */
export const refuseUncertain = (exchange: Exchange, core: Core): void => {
  if (!isCertain(exchange, core)) throw notCurrent();
};

/** What a row that changes nothing answers comes from memory; what a commit answers is so. */
const isDoubtful = (exchange: Exchange, core: Core): boolean =>
  exchange.error === undefined && exchange.matched?.row.pure === true && !isCertain(exchange, core);

export const stillCurrentStage: Stage = {
  name: 'stillCurrent',
  run: (exchange, core) => {
    if (isDoubtful(exchange, core)) throw notCurrent();
  },
};

/** As the last thing before it leaves: the audit devices may have taken their time. */
export const holdBack = (exchange: Exchange, core: Core): void => {
  if (isDoubtful(exchange, core)) exchange.error = notCurrent();
};
