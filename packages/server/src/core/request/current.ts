/**
 * Nothing is served from memory by a node that cannot show that it is current (`core/nodes/freshness.ts`). Looked at before
 * anything is read, again before a row runs, and before an answer leaves. Who comes while the node cannot show it waits for
 * a moment; a request that has had no effect is refused.
 *
 * What writes is decided on everything that was written before it came, through whichever node: otherwise a check-and-set on
 * what another node has just answered would fail here. What reads may be behind by as much as the lease lasts, unless it says
 * which state it wants.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Verb } from '@coffer/schema/row.ts';
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';
import { worksWhileSealed } from './sealed.ts';
import type { Stage } from './stage.ts';

/** Longest that a request waits for the node to be current. */
const waitMs = 1000;
const writing: ReadonlySet<Verb> = new Set(['write', 'patch', 'delete']);

const notCurrent = (): CofferError =>
  new CofferError(
    'not_current',
    'this node cannot show that what it knows is current; try again, here or at another node',
    { retryAfterSeconds: 1 },
  );

/** A state that the caller knows and this node does not, yet: it must not be answered from before it. */
const behind = (): CofferError =>
  new CofferError('behind_index', 'this node has not yet seen the state that X-Vault-Index asks for; try again', {
    retryAfterSeconds: 1,
  });

export const currentStage: Stage = {
  name: 'current',
  run: (exchange, core) => {
    const { nodes } = core;
    if (!nodes.areMany || !exchange.storeWasOpen) return undefined;
    exchange.losses = nodes.freshness.losses;
    const state = exchange.wire.headers.get('x-vault-index');
    const isReady = state === undefined && !writing.has(exchange.verb) && nodes.freshness.holds();
    return isReady || worksWhileSealed(exchange, core) ? undefined : ready(exchange, core, state);
  },
};

const ready = async (exchange: Exchange, core: Core, state: string | undefined): Promise<void> => {
  const { nodes } = core;
  if (state !== undefined && !(await nodes.whenState(state, waitMs))) throw behind();
  if (writing.has(exchange.verb)) await catchUp(exchange, core);
  else await becomeCurrent(exchange, core);
};

/** Throws where not everything that was written until now is known here within the time. */
export const catchUp = async (exchange: Exchange, { nodes }: Core): Promise<void> => {
  if (!(await nodes.freshness.catchUp(waitMs))) throw notCurrent();
  exchange.losses = nodes.freshness.losses;
};

/** From now on what is found is certain. */
export const becomeCurrent = async (exchange: Exchange, { nodes }: Core): Promise<void> => {
  if (!(await nodes.freshness.whenHolds(waitMs))) throw notCurrent();
  exchange.losses = nodes.freshness.losses;
};

/** Whether what was found since the request came is still certain. */
export const isCertain = ({ losses, matched }: Exchange, { nodes }: Core): boolean =>
  !nodes.areMany || nodes.freshness.heldSince(losses) || matched?.row.whileSealed === true;

/** Before a row runs: it has had no effect. */
export const refuseUncertain = (exchange: Exchange, core: Core): void => {
  if (!isCertain(exchange, core)) throw notCurrent();
};

/** What a row that changes nothing answers comes from memory; what a commit answers is so. */
const isDoubtful = (exchange: Exchange, core: Core): boolean =>
  core.nodes.areMany &&
  exchange.error === undefined &&
  exchange.matched?.row.pure === true &&
  !isCertain(exchange, core);

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
