/** Parses `[…]` and what stands behind a backslash. */
import { type Accepts, anyCase, either, inverted, perlClasses, posixClasses, range, unicodeClass } from './classes.ts';
import { fail, type Reader } from './reader.ts';

const controls: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);
const lastRune = 0x10ffff;

/** What looking for a rune in all its cases costs, in sets. */
export const foldedWeight = 8;

/** `weight`: sets that are looked through for one rune. */
export interface Bracket {
  readonly accepts: Accepts;
  readonly weight: number;
}

const folded = (accepts: Accepts, fold: boolean): Accepts => (fold ? anyCase(accepts) : accepts);

export class ClassParser {
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Behind the `[`. `fold`: cases are the same; taken so before anything is inverted. */
  bracket(fold: boolean): Bracket {
    const negated = this.#reader.takes('^');
    const sets: Accepts[] = [];
    do sets.push(this.#member(fold));
    while (!this.#reader.takes(']'));
    const weight = sets.length * (fold ? foldedWeight : 1);
    return { accepts: negated ? inverted(either(sets)) : either(sets), weight };
  }

  #member(fold: boolean): Accepts {
    const set = this.#posix(fold) ?? this.escaped(fold);
    if (set !== undefined) return set;
    const first = this.#one();
    const [dash] = this.#reader.takesPattern(/-(?!\])/y) ?? [];
    if (dash === undefined) return folded(range(first, first), fold);
    const last = this.#one();
    return last < first ? fail('a range ends before it begins') : folded(range(first, last), fold);
  }

  #posix(fold: boolean): Accepts | undefined {
    const [, not, name = ''] = this.#reader.takesPattern(/\[:(\^?)(\w+):\]/y) ?? [];
    if (not === undefined) return undefined;
    const set = folded(posixClasses.get(name) ?? fail('there is no such class between `[:` and `:]`'), fold);
    return not === '' ? set : inverted(set);
  }

  #one(): number {
    return this.#reader.peek() === '\\' ? this.escapedRune() : this.#reader.rune();
  }

  /** A class behind a backslash; undefined, and nothing taken, where something else comes. */
  escaped(fold: boolean): Accepts | undefined {
    const [, letter] = this.#reader.takesPattern(/\\([dwsDWS])/y) ?? [];
    if (letter !== undefined) {
      const set = folded(perlClasses.get(letter.toLowerCase()) ?? fail('there is no such class'), fold);
      return letter === letter.toLowerCase() ? set : inverted(set);
    }
    const [, sign, braced, single] = this.#reader.takesPattern(/\\([pP])(?:\{(\^?\w+)\}|([A-Z]))/y) ?? [];
    if (sign === undefined) return undefined;
    const name = braced ?? single ?? '';
    const set = folded(unicodeClass(name.replace('^', '')) ?? fail('there is no such class of Unicode'), fold);
    return (sign === 'P') === name.startsWith('^') ? set : inverted(set);
  }

  /** One rune behind a backslash. */
  escapedRune(): number {
    const [, octal, short, long, letter] =
      this.#reader.takesPattern(
        /\\(?:(0[0-7]{0,2}|[1-7][0-7]{1,2})|x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,8})\}|([^A-Za-z0-9\x80-\xff]|[afnrtv]))/y,
      ) ?? [];
    if (octal !== undefined) return Number.parseInt(octal, 8);
    const code = Number.parseInt(short ?? long ?? '', 16);
    if (!Number.isNaN(code)) return code <= lastRune ? code : fail('a number is no character');
    if (letter === undefined) return fail('a backslash stands before what has no meaning behind one');
    return controls.get(letter) ?? letter.charCodeAt(0);
  }
}
