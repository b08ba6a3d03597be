/**
 * Filters: comparisons of what something says of itself, joined by `and`, `or`, `not` and parentheses.
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
import { type Lexeme, lexemesOf, refused } from './lex.ts';

export type Filter<T> = (subject: T) => boolean;

/** What can be asked, by name. What is not there reads as empty. */
export type Selectors<T> = ReadonlyMap<string, (subject: T) => string>;

/** Parentheses and `not` inside one another. */
export const depthLimit = 32;

class Parser<T> {
  readonly #lexemes: readonly Lexeme[];
  readonly #selectors: Selectors<T>;
  #at = 0;
  #depth = 0;

  constructor(text: string, selectors: Selectors<T>) {
    this.#selectors = selectors;
    this.#lexemes = lexemesOf(text);
  }

  whole(): Filter<T> {
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

  #either(): Filter<T> {
    const parts = [this.#both()];
    while (this.#takesWord('or')) parts.push(this.#both());
    return parts.length === 1 ? (parts[0] as Filter<T>) : subject => parts.some(part => part(subject));
  }

  #both(): Filter<T> {
    const parts = [this.#one()];
    while (this.#takesWord('and')) parts.push(this.#one());
    return parts.length === 1 ? (parts[0] as Filter<T>) : subject => parts.every(part => part(subject));
  }

  #one(): Filter<T> {
    if (this.#takesWord('not')) {
      const inner = this.#nested(() => this.#one());
      return subject => !inner(subject);
    }
    if (this.#peek().kind !== '(') return this.#comparison();
    this.#take();
    const inner = this.#nested(() => this.#either());
    const { kind, at } = this.#take();
    if (kind !== ')') throw refused('expected ")"', at);
    return inner;
  }

  #nested(read: () => Filter<T>): Filter<T> {
    if (++this.#depth > depthLimit) throw refused(`nested deeper than ${depthLimit}`, this.#peek().at);
    const filter = read();
    this.#depth--;
    return filter;
  }

  #comparison(): Filter<T> {
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

  #selector({ text, at }: Lexeme): (subject: T) => string {
    const selector = this.#selectors.get(text);
    if (selector === undefined) throw refused(`expected one of ${[...this.#selectors.keys()].join(', ')}`, at);
    return selector;
  }

  #equality(first: Lexeme, isEqual: boolean): Filter<T> {
    const selector = this.#selector(first);
    this.#take();
    const value = this.#operand().text;
    return subject => (selector(subject) === value) === isEqual;
  }

  #emptiness(first: Lexeme): Filter<T> {
    const selector = this.#selector(first);
    const isPlain = !this.#takesWord('not');
    const { at } = this.#peek();
    if (!this.#takesWord('empty')) throw refused('expected "empty"', at);
    return subject => (selector(subject) === '') === isPlain;
  }

  #containing(selector: (subject: T) => string, value: string, isPlain: boolean): Filter<T> {
    return subject => selector(subject).includes(value) === isPlain;
  }
}

/** Throws `invalid_request`, saying what was expected where; never what stood there. */
export const parseFilter = <T>(text: string, selectors: Selectors<T>): Filter<T> => {
  if (text.trim() === '') throw new CofferError('invalid_request', 'invalid filter: it is empty');
  return new Parser(text, selectors).whole();
};
