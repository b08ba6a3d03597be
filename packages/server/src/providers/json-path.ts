/**
 * Paths into JSON as manifests of External Secrets write them (the syntax of gjson): `a.b`, `a\.b`, `list.0`, `list.#`,
 * `list.#.name`, `list.#(name=="x").value`, the same with `)#` for all that match, `*` and `?` in names. Modifiers (`@…`),
 * pipes, literals (`!…`), multipaths (`{…}`, `[…]`) and JSON lines (`..`) are not there, and refused by name.
 */
import { CofferError } from '@coffer/schema/errors.ts';

export interface Name {
  readonly kind: 'name';
  readonly text: string;
  /** Where in `text` a `*` or `?` stands for other characters. */
  readonly wild: ReadonlySet<number>;
}

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '%' | '!%' | 'exists';

export interface Filter {
  readonly kind: 'filter';
  readonly path: readonly Step[];
  readonly operator: Operator;
  readonly operand: string;
  /** All elements of which it is true, or the first. */
  readonly all: boolean;
}

/** `each`: the elements of an array one by one, or their number at the end of a path. */
export type Step = Name | Filter | { readonly kind: 'each' };

const characterLimit = 1024;
const nestingLimit = 8;
const operators: readonly Operator[] = ['==', '!=', '<=', '>=', '!%', '<', '>', '%'];
const refusedStarts: ReadonlyMap<string, string> = new Map([
  ['@', 'a modifier (@…)'],
  ['!', 'a literal (!…)'],
  ['{', 'a multipath ({…})'],
  ['[', 'a multipath ([…])'],
]);

const refuse = (path: string, what: string): never => {
  throw new CofferError('invalid_request', `property ${JSON.stringify(path)}: ${what}`);
};

class PathReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Steps up to the end, or to what ends the left side of a filter. */
  steps(depth: number): readonly Step[] {
    const steps: Step[] = [];
    if (depth > nestingLimit) this.#refuse(`more than ${nestingLimit} filters inside each other`);
    if (depth > 0 && this.#endsLeft()) return steps;
    do steps.push(this.#step(depth));
    while (this.#takes('.'));
    if (depth === 0 && this.#at < this.#text.length) this.#refuse(`"${this.#here()}" is not expected here`);
    return steps;
  }

  #step(depth: number): Step {
    const refused = refusedStarts.get(this.#here());
    if (refused !== undefined) this.#refuse(`${refused} is not supported`);
    if (this.#text.startsWith('#(', this.#at)) return this.#filter(depth);
    if (this.#here() === '#' && this.#isBoundary(this.#at + 1, depth)) {
      this.#at += 1;
      return { kind: 'each' };
    }
    return this.#name(depth);
  }

  #name(depth: number): Name {
    const wild = new Set<number>();
    let text = '';
    for (; !this.#isBoundary(this.#at, depth); this.#at += 1) {
      const character = this.#here();
      if (character === '|') this.#refuse('a pipe (|) is not supported: write "\\|" for the character');
      if (character === '*' || character === '?') wild.add(text.length);
      if (character === '\\') this.#at += 1;
      text += this.#here();
    }
    return { kind: 'name', text, wild };
  }

  #filter(depth: number): Filter {
    this.#at += 2;
    const path = this.steps(depth + 1);
    this.#spaces();
    const operator = this.#operator();
    const operand = operator === 'exists' ? '' : this.#operand();
    this.#spaces();
    if (!this.#takes(')')) this.#refuse('a filter #(…) is not closed');
    return { kind: 'filter', path, operator, operand, all: this.#takes('#') };
  }

  #operator(): Operator {
    const found = operators.find(operator => this.#text.startsWith(operator, this.#at));
    if (found !== undefined) {
      this.#at += found.length;
      return found;
    }
    return this.#takes('=') ? '==' : 'exists';
  }

  #operand(): string {
    this.#spaces();
    if (this.#here() === '~') this.#refuse('a comparison with ~ is not supported');
    if (this.#takes('"')) return this.#quoted();
    const start = this.#at;
    while (this.#here() !== ')' && this.#here() !== '') this.#at += 1;
    return this.#text.slice(start, this.#at).trim();
  }

  #quoted(): string {
    let text = '';
    for (; this.#here() !== '"'; this.#at += 1) {
      if (this.#here() === '\\') this.#at += 1;
      if (this.#here() === '') this.#refuse('a text in quotes is not closed');
      text += this.#here();
    }
    this.#at += 1;
    return text;
  }

  #here(): string {
    return this.#text.charAt(this.#at);
  }

  #takes(character: string): boolean {
    const isHere = this.#here() === character;
    if (isHere) this.#at += 1;
    return isHere;
  }

  #spaces(): void {
    while (this.#here() === ' ') this.#at += 1;
  }

  #endsLeft(): boolean {
    return this.#isBoundary(this.#at, 1) && this.#here() !== '.';
  }

  #isBoundary(at: number, depth: number): boolean {
    const character = this.#text.charAt(at);
    return character === '' || character === '.' || (depth > 0 && '=!<>%) '.includes(character));
  }

  #refuse(what: string): never {
    return refuse(this.#text, what);
  }
}

/** Throws `invalid_request` for what is no path, and for what is not supported. */
export const parsePath = (path: string): readonly Step[] => {
  if (path.length > characterLimit)
    throw new CofferError('invalid_request', `property: over ${characterLimit} characters`);
  if (path.startsWith('..')) refuse(path, 'JSON lines (..) are not supported');
  return new PathReader(path).steps(0);
};
