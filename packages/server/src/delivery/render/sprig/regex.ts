/** Functions with regular expressions, in RE2's syntax and with its promise: time grows with the text, not with its square. */
import { CompiledRegex, type Match } from '../../regex/regex.ts';
import { RegexError } from '../../regex/reader.ts';
import { runeAt } from '../bytes.ts';
import { fixed, int, string, type TemplateFunction } from '../function.ts';
import { listOf } from '../value.ts';
import { fault, itemBytes, type Work } from '../work.ts';

/** So many instructions looked at count as one step. */
const visitsPerStep = 32;

const compileRegex = (pattern: string, work: Work): CompiledRegex => {
  work.step(1 + (pattern.length >> 4));
  try {
    const regex = new CompiledRegex(pattern);
    work.step(Math.ceil(regex.size / visitsPerStep));
    return regex;
  } catch (error) {
    if (error instanceof RegexError) return fault(`the regular expression is not one of RE2: ${error.message}`);
    throw error;
  }
};

/** Finds in one text, charging as it goes. */
class Finder {
  readonly #regex: CompiledRegex;
  readonly #text: string;
  readonly #work: Work;
  #visits = 0;

  constructor(pattern: string, text: string, work: Work) {
    this.#regex = compileRegex(pattern, work);
    this.#text = text;
    this.#work = work;
  }

  find(from: number): Match | undefined {
    return this.#regex.find(this.#text, from, visits => {
      this.#visits += visits;
      this.#work.step(Math.floor(this.#visits / visitsPerStep));
      this.#visits %= visitsPerStep;
    });
  }

  /** Matches that do not overlap, at most `most` of them, all where it is negative. An empty one never touches the one before. */
  all(most: number): Match[] {
    const found: Match[] = [];
    let end = -1;
    const limit = most < 0 ? Infinity : most;
    for (let at = 0; at <= this.#text.length && found.length < limit; ) {
      const match = this.find(at);
      if (match === undefined) break;
      const [start = 0, past = 0] = match;
      if (past > at || start !== end) {
        this.#work.make(itemBytes);
        found.push(match);
      }
      at = past > at ? past : at + this.#widthAt(at);
      end = past;
    }
    return found;
  }

  #widthAt(at: number): number {
    return at < this.#text.length ? runeAt(this.#text, at).length : 1;
  }

  /** Every match replaced by what `by` makes of it. */
  replace(by: (match: Match) => string): string {
    const made: string[] = [];
    let last = 0;
    for (let at = 0; at <= this.#text.length; ) {
      const match = this.find(at);
      if (match === undefined) break;
      const [start = 0, past = 0] = match;
      made.push(this.#text.slice(last, start));
      if (past > last || start === 0) made.push(this.#charged(by(match)));
      last = past;
      at = Math.max(past, at + this.#widthAt(at));
    }
    return made.join('') + this.#text.slice(last);
  }

  #charged(text: string): string {
    this.#work.make(text.length + itemBytes);
    return text;
  }

  /** `$1`, `${name}`, `$$`: what the groups of a match hold, put into a text. */
  expand(template: string, match: Match): string {
    return template.replaceAll(
      /\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})/g,
      (_, plain?: string, braced?: string) => {
        const name = plain ?? braced;
        return name === undefined ? '$' : this.#group(name, match);
      },
    );
  }

  /** A name may belong to several groups: the first that took part counts. */
  #group(name: string, match: Match): string {
    const { names } = this.#regex;
    const named = names.findIndex((each, at) => each === name && (match[at * 2 + 2] ?? -1) >= 0) + 1;
    const index = /^\d+$/.test(name) ? Number(name) : named > 0 ? named : -1;
    const start = match[index * 2] ?? -1;
    return start < 0 ? '' : this.#text.slice(start, match[index * 2 + 1]);
  }
}

const split = (pattern: string, text: string, { most, work }: { most: number; work: Work }): string[] => {
  if (most === 0) return [];
  if (pattern !== '' && text === '') return [''];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const [start = 0, past = 0] of new Finder(pattern, text, work).all(most)) {
    if (most > 0 && parts.length === most - 1) break;
    end = start;
    if (past !== 0) parts.push(text.slice(begin, end));
    begin = past;
  }
  return end === text.length ? parts : [...parts, text.slice(begin)];
};

const matched = (text: string, [start, end]: Match): string => text.slice(start, end);

/** Their twins named `must…` fail where these do. */
const functions: readonly (readonly [string, TemplateFunction])[] = [
  ['Match', fixed([string, string], ([pattern, text], work) => new Finder(pattern, text, work).find(0) !== undefined)],
  [
    'Find',
    fixed([string, string], ([pattern, text], work) => {
      const match = new Finder(pattern, text, work).find(0);
      return match === undefined ? '' : matched(text, match);
    }),
  ],
  [
    'FindAll',
    fixed([string, string, int], ([pattern, text, most], work) =>
      listOf(new Finder(pattern, text, work).all(most).map(match => matched(text, match))),
    ),
  ],
  [
    'ReplaceAll',
    fixed([string, string, string], ([pattern, text, by], work) => {
      const finder = new Finder(pattern, text, work);
      return finder.replace(match => finder.expand(by, match));
    }),
  ],
  [
    'ReplaceAllLiteral',
    fixed([string, string, string], ([pattern, text, by], work) => new Finder(pattern, text, work).replace(() => by)),
  ],
  [
    'Split',
    fixed([string, string, int], ([pattern, text, most], work) => listOf(split(pattern, text, { most, work }))),
  ],
];

export const regexFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ...functions.flatMap(([name, run]) => [[`regex${name}`, run] as const, [`mustRegex${name}`, run] as const]),
  ['regexQuoteMeta', fixed([string], ([text]) => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, found => `\\${found}`))],
];
