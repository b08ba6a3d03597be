/** A regular expression as a program: instructions that threads walk, one rune at a time (Thompson's construction). */
import { fail } from './reader.ts';
import type { Anchor, Regex } from './tree.ts';

/** `next` is where a thread goes on; of two ways the first is preferred. */
export type Instruction =
  /** `weight`: what asking it costs, in sets. */
  | { readonly kind: 'rune'; readonly accepts: (code: number) => boolean; readonly weight: number }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }
  | { readonly kind: 'save'; readonly slot: number }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'match' };

export type Program = readonly Instruction[];

/** A repetition writes what it repeats as often as it says. */
const mostInstructions = 20_000;

const canBeEmpty = (regex: Regex): boolean => {
  switch (regex.kind) {
    case 'rune':
      return false;
    case 'sequence':
      return regex.parts.every(canBeEmpty);
    case 'choice':
      return regex.parts.some(canBeEmpty);
    case 'group':
      return canBeEmpty(regex.of);
    case 'repeat':
      return regex.least === 0 || canBeEmpty(regex.of);
    default:
      return true;
  }
};

class Compiler {
  readonly program: Instruction[] = [];

  /** Writes an instruction and answers it, for targets that are known later. */
  write<I extends Instruction>(instruction: I): I {
    if (this.program.length >= mostInstructions)
      fail(`it is larger than ${mostInstructions} instructions: let it repeat less`);
    this.program.push(instruction);
    return instruction;
  }

  get #here(): number {
    return this.program.length;
  }

  regex(regex: Regex): void {
    switch (regex.kind) {
      case 'rune':
      case 'anchor':
        this.write(regex);
        break;
      case 'sequence':
        for (const part of regex.parts) this.regex(part);
        break;
      case 'choice':
        this.#choice(regex.parts);
        break;
      case 'group':
        this.write({ kind: 'save', slot: regex.index * 2 });
        this.regex(regex.of);
        this.write({ kind: 'save', slot: regex.index * 2 + 1 });
        break;
      case 'repeat':
        this.#repeat(regex);
        break;
      default:
    }
  }

  #choice(parts: readonly Regex[]): void {
    const ends: { kind: 'jump'; to: number }[] = [];
    for (const [at, part] of parts.entries()) {
      const last = at === parts.length - 1;
      const split = last ? undefined : this.write({ kind: 'split', first: this.#here + 1, second: 0 });
      this.regex(part);
      if (split === undefined) continue;
      ends.push(this.write({ kind: 'jump', to: 0 }));
      split.second = this.#here;
    }
    for (const end of ends) end.to = this.#here;
  }

  #repeat({ of, least, most, lazy }: Extract<Regex, { kind: 'repeat' }>): void {
    const endless = most === Infinity;
    for (let count = 0; count < (endless ? least - 1 : least); count++) this.regex(of);
    if (endless && least > 0) this.#plus(of, lazy);
    else if (endless && canBeEmpty(of)) this.#optional(lazy, () => this.#plus(of, lazy));
    else if (endless) this.#star(of, lazy);
    else this.#upTo(of, most - least, lazy);
  }

  #plus(of: Regex, lazy: boolean): void {
    const start = this.#here;
    this.regex(of);
    const split = this.write({ kind: 'split', first: start, second: 0 });
    aim(split, { on: start, past: this.#here, lazy });
  }

  #star(of: Regex, lazy: boolean): void {
    const start = this.#here;
    const split = this.write({ kind: 'split', first: 0, second: 0 });
    this.regex(of);
    this.write({ kind: 'jump', to: start });
    aim(split, { on: start + 1, past: this.#here, lazy });
  }

  #optional(lazy: boolean, inside: () => void): void {
    const split = this.write({ kind: 'split', first: 0, second: 0 });
    const on = this.#here;
    inside();
    aim(split, { on, past: this.#here, lazy });
  }

  /** x{0,3} is (x(x(x)?)?)?: who leaves one leaves all, so every way out goes to the same end. */
  #upTo(of: Regex, count: number, lazy: boolean): void {
    const splits: { split: { first: number; second: number }; on: number }[] = [];
    for (let left = count; left > 0; left--) {
      const split = this.write({ kind: 'split', first: 0, second: 0 });
      splits.push({ split, on: this.#here });
      this.regex(of);
    }
    for (const { split, on } of splits) aim(split, { on, past: this.#here, lazy });
  }
}

const aim = (
  split: { first: number; second: number },
  { on, past, lazy }: { on: number; past: number; lazy: boolean },
): void => {
  split.first = lazy ? past : on;
  split.second = lazy ? on : past;
};

/** Throws `RegexError` where it would become too large. */
export const programOf = (regex: Regex): Program => {
  const compiler = new Compiler();
  compiler.regex(regex);
  compiler.write({ kind: 'match' });
  return compiler.program;
};
