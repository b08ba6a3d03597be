/**
 * Less of a run that went wrong, in which something still does: fewer operations first, then fewer faults, larger pieces before
 * smaller ones. What goes wrong in the smaller run may be something else; it is wrong all the same.
 */
import { defaultOperations, type Outcome, type SimulationOptions, simulate } from './simulate.ts';

export interface Found {
  readonly options: SimulationOptions;
  readonly outcome: Outcome;
}

/** So many smaller runs are tried. */
const triesLimit = 200;

class Shrinking {
  readonly #run: typeof simulate;
  #best: Found;
  #tries = 0;

  constructor(found: Found, run: typeof simulate) {
    this.#best = found;
    this.#run = run;
  }

  get best(): Found {
    return this.#best;
  }

  get #operations(): number {
    return this.#best.options.operations ?? defaultOperations;
  }

  /** Whether something still goes wrong then: that is then what there is less of. */
  async #try(change: Partial<SimulationOptions>): Promise<boolean> {
    if (this.#tries++ >= triesLimit) return false;
    const options = { ...this.#best.options, ...change };
    const outcome = await this.#run(options);
    if (outcome.wrong.length === 0) return false;
    this.#best = { options, outcome };
    return true;
  }

  async fewerOperations(): Promise<void> {
    for (let fewer = this.#operations >> 1; fewer >= 1; ) {
      const isLess = fewer < this.#operations && (await this.#try({ operations: this.#operations - fewer }));
      if (!isLess) fewer >>= 1;
    }
  }

  async fewerFaults(): Promise<void> {
    for (let piece = Math.max(1, this.#best.outcome.faults >> 1); piece >= 1; piece >>= 1)
      for (let from = 0; from < this.#best.outcome.faults; from += piece) await this.#leaveOut(from, piece);
  }

  async #leaveOut(from: number, count: number): Promise<void> {
    const { without = new Set<number>() } = this.#best.options;
    const piece = Array.from({ length: count }, (_, index) => from + index).filter(number => !without.has(number));
    if (piece.length > 0) await this.#try({ without: new Set([...without, ...piece]) });
  }
}

export const shrink = async (found: Found, run: typeof simulate = simulate): Promise<Found> => {
  const shrinking = new Shrinking(found, run);
  await shrinking.fewerOperations();
  await shrinking.fewerFaults();
  return shrinking.best;
};
