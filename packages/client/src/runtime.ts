/** What the client takes from its surroundings, so that a test can hand in its own: sending, waiting, chance. */
import { fetchTransport, type Transport } from './transport.ts';

export interface Runtime {
  readonly transport: Transport;
  /** Runs `task` once after `delayMs`; the answer cancels it. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** A number from 0 up to, not including, 1: spreads repeated requests. Not for secrets. */
  readonly chance: () => number;
}

/** The platform's timers and randomness, and its `fetch` unless another transport is given. */
export const systemRuntime = (transport?: Transport): Runtime => ({
  transport: transport ?? fetchTransport(globalThis.fetch),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  chance: () => Math.random(),
});
