/**
 * One request, as a list one can read. A failure skips to the stages that run after failures: both audit stages (unless
 * the failure is one that is not audited) and the encoding. `run` refuses to work without the policy stage's word.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Handle, WireAnswer, WireRequest } from '../../contracts/wire.ts';
import { anchoredStage } from './anchored.ts';
import { auditRequest, auditResponse } from './audit-stages.ts';
import { bodyStage } from './body.ts';
import type { Core } from './core.ts';
import { currentStage, stillCurrentStage } from './current.ts';
import { encodeStage, lastResort } from './encode.ts';
import { Exchange } from './exchange.ts';
import { loginStage } from './login.ts';
import { mountStage, namespaceStage, rowStage } from './route.ts';
import { policyStage } from './policy.ts';
import { runStage } from './run.ts';
import { sealedStage } from './sealed.ts';
import type { Stage } from './stage.ts';
import { targetStage } from './target-stage.ts';
import { tokenStage } from './token.ts';
import { wrapStage } from './wrap-stage.ts';

export const stages: readonly Stage[] = [
  targetStage,
  sealedStage,
  anchoredStage,
  currentStage,
  namespaceStage,
  mountStage,
  rowStage,
  tokenStage,
  bodyStage,
  policyStage,
  auditRequest,
  runStage,
  loginStage,
  wrapStage,
  stillCurrentStage,
  auditResponse,
  encodeStage,
];

/** The pipeline as the function the HTTP server calls. Never rejects. */
export const pipeline =
  (core: Core): Handle =>
  async (wire: WireRequest): Promise<WireAnswer> => {
    const begunMs = core.clock.monotonic();
    const exchange = new Exchange(wire, core.random.uuid(), core.clock.now());
    await goThrough(stages, exchange, core);
    if (exchange.afterwards.length > 0) await workOff(exchange, core);
    return answered(exchange, core, begunMs);
  };

/** Never rejects: what fails stands in the exchange. */
export const goThrough = async (some: readonly Stage[], exchange: Exchange, core: Core): Promise<void> => {
  for (const stage of some) {
    if (exchange.error !== undefined && stage.afterFailure?.(exchange) !== true) continue;
    try {
      const pending = stage.run(exchange, core);
      if (pending === undefined) continue;
      core.inFlight.enter(exchange);
      await pending;
    } catch (cause) {
      exchange.error = asCofferError(cause, exchange, core);
    }
  }
};

/** The answer leaves, and is counted. */
export const answered = (exchange: Exchange, core: Core, begunMs: number): WireAnswer => {
  core.inFlight.leave(exchange);
  const answer = exchange.answer ?? lastResort();
  core.answerCounts.add(exchange, answer.status, core.clock.monotonic() - begunMs);
  return answer;
};

/** What is left to do cannot change the answer any more: a failure is logged. */
const workOff = async (exchange: Exchange, core: Core): Promise<void> => {
  for (const work of exchange.afterwards) {
    try {
      await work();
    } catch (cause) {
      core.log.write('error', 'what follows an answer failed', {
        request: exchange.id,
        error: asCofferError(cause, exchange, core).code,
      });
    }
  }
};

const asCofferError = (cause: unknown, exchange: Exchange, core: Core): CofferError => {
  if (cause instanceof CofferError) return cause;
  core.log.write('error', 'a request failed by a bug', {
    request: exchange.id,
    error: cause instanceof Error ? cause.name : typeof cause,
    stack: cause instanceof Error ? stackOf(cause) : undefined,
  });
  return new CofferError('internal', `internal error, request ${exchange.id}`, { cause });
};

/** Where it happened, without the message: a message may carry a value. */
const stackOf = (error: Error): string => (error.stack ?? '').split('\n').slice(1, 8).join(' <').trim();
