/**
 * Filters of events: comparisons of what an event says, joined by `and`, `or`, `not` and parentheses.
 *
 *     either   both { "or" both }
 *     both     one { "and" one }
 *     one      "not" one | "(" either ")" | comparison
 *     comparison   selector ("==" | "!=") value
 *                | selector "is" [ "not" ] "empty"
 *                | selector [ "not" ] "contains" value
 *                | value [ "not" ] "in" selector
 *
 * A value is quoted or a word. Regular expressions (`matches`) are refused: one can be written that never ends.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { ToldEvent } from '../told-event.ts';
import { type Lexeme, lexemesOf, refused } from './lex.ts';

export type Filter = (event: ToldEvent) => boolean;

/** Parentheses and `not` inside one another. */
export const depthLimit = 32;

const selectors: ReadonlyMap<string, (event: ToldEvent) => string> = new Map([
  ['event_type', ({ facts }: ToldEvent) => facts.type],
  ['operation', ({ facts }: ToldEvent) => facts.metadata.get('operation') ?? ''],
  ['data_path', ({ facts }: ToldEvent) => facts.metadata.get('data_path') ?? ''],
  ['source_plugin_mount', ({ facts }: ToldEvent) => facts.mount?.prefix ?? ''],
  ['namespace', () => ''],
]);
const names = [...selectors.keys()].join(', ');

class Parser {
  readonly #lexemes: readonly Lexeme[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#lexemes = lexemesOf(text);
  }

  whole(): Filter {
    const filter = this.#either();
    const { kind, at } = this.#peek();
    if (kind !== 'end') throw refused('expected "and", "or" or the end', at);
    return filter;
  }

  #peek(): Lexeme {
    return this.#lexemes[this.#at] as Lexeme;
  }

  #take(): Lexeme {
    const lexeme = this.#peek();
    if (lexeme.kind !== 'end') this.#at++;
    return lexeme;
  }

  #takesWord(text: string): boolean {
    const { kind, text: found } = this.#peek();
    if (kind !== 'word' || found.toLowerCase() !== text) return false;
    this.#at++;
    return true;
  }

  #either(): Filter {
    const parts = [this.#both()];
    while (this.#takesWord('or')) parts.push(this.#both());
    return parts.length === 1 ? (parts[0] as Filter) : event => parts.some(part => part(event));
  }

  #both(): Filter {
    const parts = [this.#one()];
    while (this.#takesWord('and')) parts.push(this.#one());
    return parts.length === 1 ? (parts[0] as Filter) : event => parts.every(part => part(event));
  }

  #one(): Filter {
    if (this.#takesWord('not')) {
      const inner = this.#nested(() => this.#one());
      return event => !inner(event);
    }
    if (this.#peek().kind !== '(') return this.#comparison();
    this.#take();
    const inner = this.#nested(() => this.#either());
    const { kind, at } = this.#take();
    if (kind !== ')') throw refused('expected ")"', at);
    return inner;
  }

  #nested(read: () => Filter): Filter {
    if (++this.#depth > depthLimit) throw refused(`nested deeper than ${depthLimit}`, this.#peek().at);
    const filter = read();
    this.#depth--;
    return filter;
  }

  #comparison(): Filter {
    const first = this.#operand();
    const mark = this.#peek().kind;
    if (mark === '==' || mark === '!=') return this.#equality(first, mark === '==');
    if (this.#takesWord('is')) return this.#emptiness(first);
    const isPlain = !this.#takesWord('not');
    if (this.#takesWord('contains')) return this.#containing(this.#selector(first), this.#operand().text, isPlain);
    if (this.#takesWord('in')) return this.#containing(this.#selector(this.#operand()), first.text, isPlain);
    const { at } = this.#peek();
    if (this.#takesWord('matches')) throw refused('"matches" is not supported, use "contains"', at);
    throw refused('expected a comparison: ==, !=, is empty, contains, in', at);
  }

  #operand(): Lexeme {
    const lexeme = this.#take();
    if (lexeme.kind !== 'word' && lexeme.kind !== 'text') throw refused('expected a name or a value', lexeme.at);
    return lexeme;
  }

  #selector({ text, at }: Lexeme): (event: ToldEvent) => string {
    const selector = selectors.get(text);
    if (selector === undefined) throw refused(`expected one of ${names}`, at);
    return selector;
  }

  #equality(first: Lexeme, isEqual: boolean): Filter {
    const selector = this.#selector(first);
    this.#take();
    const value = this.#operand().text;
    return event => (selector(event) === value) === isEqual;
  }

  #emptiness(first: Lexeme): Filter {
    const selector = this.#selector(first);
    const isPlain = !this.#takesWord('not');
    const { at } = this.#peek();
    if (!this.#takesWord('empty')) throw refused('expected "empty"', at);
    return event => (selector(event) === '') === isPlain;
  }

  #containing(selector: (event: ToldEvent) => string, value: string, isPlain: boolean): Filter {
    return event => selector(event).includes(value) === isPlain;
  }
}

/** Throws `invalid_request`, saying what was expected where; never what stood there. */
export const parseFilter = (text: string): Filter => {
  if (text.trim() === '') throw new CofferError('invalid_request', 'invalid filter: it is empty');
  return new Parser(text).whole();
};
