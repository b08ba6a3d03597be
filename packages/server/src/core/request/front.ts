/**
 * The pipeline of a thread that only reads. It does by itself what changes nothing: reads and lists of callers with a token.
 * Everything else, and everything that it cannot be sure of, is handed over to the thread that writes, which begins from the
 * beginning: until both audit records are written nothing has happened here. That goes for callers whose uses are counted, too:
 * counting one fails here, as everything that writes does.
 */
import type { Handle, WireAnswer, WireRequest } from '../../contracts/wire.ts';
import type { InStep } from '../fronts/in-step.ts';
import { auditResponse } from './audit-stages.ts';
import type { Core } from './core.ts';
import { Exchange } from './exchange.ts';
import { answered, goThrough, stages } from './pipeline.ts';
import { runStage } from './run.ts';
import type { Stage } from './stage.ts';
import { tokenStage } from './token.ts';

/** The most of a body that the request's row takes, where there is one and the caller may have one read. */
export type HandOver = (wire: WireRequest, bodyLimitBytes: number | undefined) => Promise<WireAnswer>;

export interface FrontParts {
  readonly core: Core;
  readonly inStep: Pick<InStep, 'current' | 'isStill'>;
  readonly handOver: HandOver;
}

const behind = (stage: Stage): number => stages.indexOf(stage) + 1;

/** Until it is known who asks for what. */
const finding = stages.slice(0, behind(tokenStage));
/** Until it is known what the answer is. */
const running = stages.slice(behind(tokenStage), behind(runStage));
const answering = stages.slice(stages.indexOf(auditResponse));

/** Never rejects, as long as `handOver` does not. */
export const frontPipeline =
  ({ core, inStep, handOver }: FrontParts): Handle =>
  async wire => {
    const step = currentStep(inStep);
    // A browser's: what other origins may do is told by the thread that writes.
    if (step === undefined || core.seal.sealed || wire.headers.get('origin') !== undefined)
      return handOver(wire, undefined);
    const begunMs = core.clock.monotonic();
    const exchange = new Exchange(wire, core.random.uuid(), core.clock.now());
    await goThrough(finding, exchange, core);
    if (isOwn(exchange, core)) await goThrough(running, exchange, core);
    else return leave(exchange, core, handOver);
    if (isDoubtful(exchange) || !inStep.isStill(step)) return leave(exchange, core, handOver);
    await goThrough(answering, exchange, core);
    return answered(exchange, core, begunMs);
  };

/** Where the store cannot be read the other thread finds out what there is to say. */
const currentStep = (inStep: FrontParts['inStep']): number | undefined => {
  try {
    return inStep.current();
  } catch {
    return undefined;
  }
};

const isOwn = ({ error, matched, caller, wrap, wantsHelp, mount }: Exchange, { mounts }: Core): boolean => {
  if (error !== undefined || matched === undefined || caller === undefined) return false;
  if (wrap !== undefined || wantsHelp || mount === mounts.system) return false;
  const { pure, body, answer } = matched.row;
  return pure && body === 'none' && answer !== 'stream' && answer !== 'upgrade';
};

/** What went wrong may have gone wrong only here. */
const isDoubtful = ({ error }: Exchange): boolean => error !== undefined && error.facts.http >= 500;

const leave = (exchange: Exchange, core: Core, handOver: HandOver): Promise<WireAnswer> => {
  core.inFlight.leave(exchange);
  const { error, matched, wire } = exchange;
  const isKnown = error === undefined && matched?.row.body === 'json';
  return handOver(wire, isKnown ? matched.row.bodyLimitBytes : undefined);
};
