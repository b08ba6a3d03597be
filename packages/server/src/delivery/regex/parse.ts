/** Parses regular expressions in the syntax of RE2, which Go's regexp takes: https://github.com/google/re2/wiki/Syntax. */
import { ClassParser, foldedWeight } from './parse-class.ts';
import { anyCase, inverted, range } from './classes.ts';
import { fail, Reader } from './reader.ts';
import type { Anchor, Regex } from './tree.ts';

export interface Parsed {
  readonly tree: Regex;
  /** Names of groups by index from 1; '' where a group has none. */
  readonly names: readonly string[];
}

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

/** Go's own limits. */
const mostRepeats = 1000;
const depthLimit = 200;
const newline = 10;
const noFlags: Flags = { i: false, m: false, s: false, U: false };
const anchors: ReadonlyMap<string, Anchor> = new Map([
  ['A', 'text-start'],
  ['z', 'text-end'],
  ['b', 'word'],
  ['B', 'no-word'],
]);

/** Whether the numbers of repetitions, multiplied where one lies in another, stay within `limit`. */
const repeatsWithin = (regex: Regex, limit: number): boolean => {
  switch (regex.kind) {
    case 'sequence':
    case 'choice':
      return regex.parts.every(part => repeatsWithin(part, limit));
    case 'group':
      return repeatsWithin(regex.of, limit);
    case 'repeat': {
      if (regex.most === 0) return true;
      const times = regex.most === Infinity ? regex.least : regex.most;
      return times <= limit && repeatsWithin(regex.of, Math.floor(limit / Math.max(times, 1)));
    }
    default:
      return true;
  }
};

class Parser {
  readonly reader: Reader;
  readonly names: string[] = [];
  readonly #classes: ClassParser;
  #flags = noFlags;
  #depth = 0;

  constructor(reader: Reader) {
    this.reader = reader;
    this.#classes = new ClassParser(reader);
  }

  /** Up to the end, or to the `)` that closes the group. */
  choice(): Regex {
    const before = this.#flags;
    this.#depth++;
    if (this.#depth > depthLimit) fail(`groups nest deeper than ${depthLimit}`);
    const parts = [this.#sequence()];
    while (this.reader.takes('|')) parts.push(this.#sequence());
    this.#depth--;
    this.#flags = before;
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'choice', parts };
  }

  #sequence(): Regex {
    const parts: Regex[] = [];
    for (;;) {
      const next = this.reader.peek();
      if (next === undefined || next === '|' || next === ')') return { kind: 'sequence', parts };
      if (this.reader.takes('\\Q')) parts.push(...this.#quoted());
      else parts.push(this.#repeated());
    }
  }

  /** `\Q…\E`: a repetition behind it counts for its last rune. */
  #quoted(): Regex[] {
    const parts: Regex[] = [];
    while (!this.reader.done && !this.reader.takes('\\E')) parts.push(this.#rune(this.reader.rune()));
    const last = parts.pop();
    return last === undefined ? [] : [...parts, this.#repeats(last)];
  }

  #repeated(): Regex {
    return this.#repeats(this.#atom());
  }

  #repeats(atom: Regex): Regex {
    const bounds = this.#bounds();
    if (bounds === undefined) return atom;
    const [least, most] = bounds;
    const lazy = this.reader.takes('?') !== this.#flags.U;
    if (this.#bounds() !== undefined) fail('a repetition follows another');
    const repeat: Regex = { kind: 'repeat', of: atom, least, most, lazy };
    return repeatsWithin(repeat, mostRepeats)
      ? repeat
      : fail(`repetitions in repetitions come to more than ${mostRepeats}`);
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.reader.takes('*')) return [0, Infinity];
    if (this.reader.takes('+')) return [1, Infinity];
    if (this.reader.takes('?')) return [0, 1];
    const [, least, comma, most] = this.reader.takesPattern(/\{(\d{1,9})(,(\d{0,9}))?\}/y) ?? [];
    if (least === undefined) return undefined;
    const from = Number(least);
    const to = comma === undefined ? from : most === '' ? Infinity : Number(most);
    if (from > mostRepeats || (to !== Infinity && to > mostRepeats) || to < from)
      fail('a repetition is out of range: at most 1000');
    return [from, to];
  }

  #atom(): Regex {
    const { reader } = this;
    if (reader.takes('(')) return this.#group();
    if (reader.takes('[')) return { kind: 'rune', ...this.#classes.bracket(this.#flags.i) };
    if (reader.takes('.'))
      return { kind: 'rune', accepts: this.#flags.s ? () => true : inverted(range(newline, newline)), weight: 1 };
    if (reader.takes('^')) return { kind: 'anchor', anchor: this.#flags.m ? 'line-start' : 'text-start' };
    if (reader.takes('$')) return { kind: 'anchor', anchor: this.#flags.m ? 'line-end' : 'text-end' };
    if (/^[*+?]/.test(reader.peek() ?? '')) fail('a repetition has nothing to repeat');
    if (reader.peek() !== '\\') return this.#rune(reader.rune());
    return this.#escape();
  }

  #escape(): Regex {
    const [, letter = ''] = this.reader.takesPattern(/\\([AzbB])/y) ?? [];
    const anchor = anchors.get(letter);
    if (anchor !== undefined) return { kind: 'anchor', anchor };
    const accepts = this.#classes.escaped(this.#flags.i);
    return accepts === undefined
      ? this.#rune(this.#classes.escapedRune())
      : { kind: 'rune', accepts, weight: this.#weight };
  }

  #rune(code: number): Regex {
    const accepts = range(code, code);
    return { kind: 'rune', accepts: this.#flags.i ? anyCase(accepts) : accepts, weight: this.#weight };
  }

  get #weight(): number {
    return this.#flags.i ? foldedWeight : 1;
  }

  #group(): Regex {
    const [, name] = this.reader.takesPattern(/\?P?<(\w+)>/y) ?? [];
    if (name !== undefined) return this.#capture(name);
    if (!this.reader.takes('?')) return this.#capture('');
    const [all, on = '', off, end] = this.reader.takesPattern(/([imsU]*)(-[imsU]+)?([:)])/y) ?? [];
    if (all === undefined)
      return fail('a group begins with an unknown mark: (?: ), (?P<name> ) and flags of i, m, s, U are there');
    const inside = this.#flagged(on, off ?? '');
    if (end === ')') {
      this.#flags = inside;
      return { kind: 'empty' };
    }
    const before = this.#flags;
    this.#flags = inside;
    const of = this.choice();
    this.#flags = before;
    this.#close();
    return of;
  }

  #flagged(on: string, off: string): Flags {
    const set = (name: keyof Flags): boolean => !off.includes(name) && (on.includes(name) || this.#flags[name]);
    return { i: set('i'), m: set('m'), s: set('s'), U: set('U') };
  }

  #capture(name: string): Regex {
    const index = this.names.push(name);
    const of = this.choice();
    this.#close();
    return { kind: 'group', index, of };
  }

  #close(): void {
    if (!this.reader.takes(')')) fail('a group is not closed');
  }
}

/** Throws `RegexError`. `pattern` is a string of bytes. */
export const parseRegex = (pattern: string): Parsed => {
  const parser = new Parser(new Reader(pattern));
  const tree = parser.choice();
  if (!parser.reader.done) fail('a `)` has no `(`');
  return { tree, names: parser.names };
};
