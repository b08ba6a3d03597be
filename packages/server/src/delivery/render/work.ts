/** What a rendering has used up, and where it stands. Functions are handed it and charge what they make beforehand. */
import { CofferError } from '@coffer/schema/errors.ts';

export interface TemplateLimits {
  readonly templateBytes: number;
  readonly outputBytes: number;
  readonly madeBytes: number;
  readonly steps: number;
  readonly depth: number;
}

/** What an item of a list counts as, in bytes. */
export const itemBytes = 16;

/** A failure inside a template, before its place is known. Its message names things of the template, never of the data. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
}

export const fault = (message: string): never => {
  throw new TemplateFault(message);
};

export const placed = (name: string, line: number, message: string): CofferError =>
  new CofferError('invalid_request', `template ${name}, line ${line}: ${message}`);

/** What has been used up: of one template, or of several that have to make do together. */
export class Spent {
  steps = 0;
  madeBytes = 0;
}

export class Work {
  readonly limits: TemplateLimits;
  readonly #source: string;
  readonly #spent: Spent;
  #depth = 0;

  constructor(limits: TemplateLimits, source = '', spent = new Spent()) {
    this.limits = limits;
    this.#source = source;
    this.#spent = spent;
  }

  /** Whether a text stands in the template itself: such a text may be told, any other may come from the data. */
  isWritten(text: string): boolean {
    return this.#source.includes(text);
  }

  /** Charges work that makes nothing. Throws where the template has done too much. */
  step(count = 1): void {
    this.#spent.steps += count;
    if (this.#spent.steps > this.limits.steps)
      fault(`more than ${this.limits.steps} steps (limit steps): let it loop over less`);
  }

  /** Charges what is about to be made, in bytes or items: call it before making what may be large. */
  make(amount: number): void {
    this.#spent.madeBytes += amount;
    if (!(this.#spent.madeBytes <= this.limits.madeBytes))
      fault(`makes more than ${this.limits.madeBytes} bytes on the way (limit madeBytes): let it repeat or join less`);
  }

  /** Runs what lies one deeper. */
  deeper<T>(run: () => T): T {
    if (this.#depth >= this.limits.depth)
      fault(`nests deeper than ${this.limits.depth} (limit depth): look for a template or value that contains itself`);
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}
