/**
 * Regular expressions of RE2 over strings of bytes, matched in time that grows with the text and never with its square
 * (Pike's machine): expressions come from users, and JavaScript's own could run for ever. The first match from the left,
 * preferring what Perl would prefer, as Go's regexp.
 */
import { runeAt } from '../render/bytes.ts';
import { isWord } from './classes.ts';
import { parseRegex } from './parse.ts';
import { type Program, programOf } from './program.ts';
import type { Anchor } from './tree.ts';

/** Offsets in bytes: start and end of the match, then of each group; -1 where a group took no part. */
export type Match = readonly number[];

/** Told how much has been looked at since it was last told; throws to stop. */
export type Charge = (visits: number) => void;

interface Thread {
  readonly at: number;
  readonly saved: readonly number[];
}

const newline = 0x0a;
/** Sets that are looked through as fast as an instruction is followed. */
const setsPerVisit = 4;

const byteIs = (text: string, at: number, accepts: (code: number) => boolean): boolean =>
  at >= 0 && at < text.length && accepts(text.charCodeAt(at));

const atWordEdge = (text: string, at: number): boolean => byteIs(text, at - 1, isWord) !== byteIs(text, at, isWord);
const isNewline = (code: number): boolean => code === newline;

const anchorHolds: { readonly [A in Anchor]: (text: string, at: number) => boolean } = {
  'text-start': (_, at) => at === 0,
  'text-end': (text, at) => at === text.length,
  'line-start': (text, at) => at === 0 || byteIs(text, at - 1, isNewline),
  'line-end': (text, at) => at === text.length || byteIs(text, at, isNewline),
  word: atWordEdge,
  'no-word': (text, at) => !atWordEdge(text, at),
};

/** The threads that wait at one place of the text, those preferred first. */
class Threads {
  readonly #program: Program;
  readonly #text: string;
  readonly list: Thread[] = [];
  readonly #seen = new Set<number>();
  visits = 0;

  constructor(program: Program, text: string) {
    this.#program = program;
    this.#text = text;
  }

  /** Follows what takes no rune, from `start` on. A stack of its own: expressions may be long. */
  add(start: Thread, at: number): void {
    const open: Thread[] = [start];
    for (let thread = open.pop(); thread !== undefined; thread = open.pop()) {
      if (this.#seen.has(thread.at)) continue;
      this.#seen.add(thread.at);
      this.visits++;
      this.#follow(thread, at, open);
    }
  }

  #follow(thread: Thread, at: number, open: Thread[]): void {
    const { saved } = thread;
    const instruction = this.#program[thread.at];
    switch (instruction?.kind) {
      case 'jump':
        open.push({ at: instruction.to, saved });
        break;
      case 'split':
        open.push({ at: instruction.second, saved }, { at: instruction.first, saved });
        break;
      case 'save':
        open.push({ at: thread.at + 1, saved: saved.with(instruction.slot, at) });
        this.visits += saved.length;
        break;
      case 'anchor':
        if (anchorHolds[instruction.anchor](this.#text, at)) open.push({ at: thread.at + 1, saved });
        break;
      default:
        this.list.push(thread);
        if (instruction?.kind === 'rune') this.visits += Math.ceil(instruction.weight / setsPerVisit);
    }
  }
}

export class CompiledRegex {
  readonly #program: Program;
  /** Names of groups by index from 1; '' where a group has none. */
  readonly names: readonly string[];

  /** Instructions that making it took. */
  get size(): number {
    return this.#program.length;
  }

  /** Throws `RegexError`. */
  constructor(pattern: string) {
    const { tree, names } = parseRegex(pattern);
    this.names = names;
    this.#program = programOf(tree);
  }

  /** The first match that starts at `from` or behind it. */
  find(text: string, from: number, charge: Charge): Match | undefined {
    const none: readonly number[] = Array.from({ length: (this.names.length + 1) * 2 }, () => -1);
    let threads = new Threads(this.#program, text);
    let found: Match | undefined;
    for (let at = from; ; ) {
      if (found === undefined) threads.add({ at: 0, saved: none.with(0, at) }, at);
      else if (threads.list.length === 0) return found;
      const { code, length } = at < text.length ? runeAt(text, at) : { code: -1, length: 1 };
      const next = new Threads(this.#program, text);
      const matched = this.#step(threads, next, { code, to: at + length });
      if (matched !== undefined) found = matched.saved.with(1, at);
      charge(1 + threads.visits);
      if (at >= text.length) return found;
      threads = next;
      at += length;
    }
  }

  /** Lets every thread take the rune. The first that has matched ends those behind it. */
  #step({ list }: Threads, next: Threads, { code, to }: { code: number; to: number }): Thread | undefined {
    for (const thread of list) {
      const instruction = this.#program[thread.at];
      if (instruction?.kind === 'match') return thread;
      if (instruction?.kind === 'rune' && code >= 0 && instruction.accepts(code))
        next.add({ at: thread.at + 1, saved: thread.saved }, to);
    }
    return undefined;
  }
}
