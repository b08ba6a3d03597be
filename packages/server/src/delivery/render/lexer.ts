/** The words of a template: texts between actions, trimmed as `{{-` and `-}}` say, and the words inside of actions. */
import { fault, placed, TemplateFault } from './work.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'char'
  | 'declare'
  | 'assign'
  | 'pipe'
  | 'paren-open'
  | 'paren-close'
  | 'string'
  | 'raw-string'
  | 'rune'
  | 'number'
  | 'field'
  | 'dot'
  | 'variable'
  | 'word'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; a field without its dot. */
  readonly text: string;
  readonly line: number;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
}

export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

const blank = /[ \t\r\n]*/y;
/** Letters beyond ASCII come as bytes of UTF-8. */
const word = /[A-Za-z_\x80-\xff][\w\x80-\xff]*/y;
const fieldWord = /\.[\w\x80-\xff]+/y;
const variable = /\$[\w\x80-\xff]*/y;
const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?)(?:[eE][+-]?[0-9_]*|[pP][+-]?[0-9_]*)?i?/y;
const quoted = /"(?:[^"\\\n]|\\[^\n])*"/y;
const rune = /'(?:[^'\\\n]|\\[^\n])*'/y;
const raw = /`[^`]*`/y;

/** Patterns by what they find, in the order they are tried; what comes after must end the word where `ends` is set. */
const words: readonly { kind: TokenKind; pattern: RegExp; ends?: true }[] = [
  { kind: 'declare', pattern: /:=/y },
  { kind: 'assign', pattern: /=/y },
  { kind: 'pipe', pattern: /\|/y },
  { kind: 'paren-open', pattern: /\(/y },
  { kind: 'paren-close', pattern: /\)/y },
  { kind: 'string', pattern: quoted },
  { kind: 'raw-string', pattern: raw },
  { kind: 'rune', pattern: rune },
  { kind: 'variable', pattern: variable, ends: true },
  { kind: 'number', pattern: /(?=\.?\d|[+-])/y },
  { kind: 'field', pattern: fieldWord, ends: true },
  { kind: 'dot', pattern: /\./y, ends: true },
  { kind: 'word', pattern: word, ends: true },
  { kind: 'char', pattern: /[!#-&(-_a-~]/y },
];

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** Without white space at its end. A pattern would look at each run of white space again and again. */
const trimEnd = (text: string): string => {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
};

const lineCount = (text: string): number => text.split('\n').length - 1;

class Lexer {
  readonly #text: string;
  readonly #delimiters: Delimiters;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;

  constructor(text: string, delimiters: Delimiters) {
    this.#text = text;
    this.#delimiters = delimiters;
  }

  get line(): number {
    return this.#line;
  }

  all(): readonly Token[] {
    let trims = false;
    while (this.#at < this.#text.length) {
      this.#textUpTo(trims);
      if (this.#at < this.#text.length) trims = this.#action();
    }
    this.#push('end', '', false);
    return this.#tokens;
  }

  #push(kind: TokenKind, text: string, spaced: boolean): void {
    this.#tokens.push({ kind, text, line: this.#line, spaced });
  }

  #skip(length: number): void {
    this.#line += lineCount(this.#text.slice(this.#at, this.#at + length));
    this.#at += length;
  }

  #follows(text: string, at = this.#at): boolean {
    return this.#text.startsWith(text, at);
  }

  #trimsLeft(): boolean {
    const after = this.#at + this.#delimiters.left.length;
    return this.#follows('-', after) && /^[ \t\r\n]/.test(this.#text.slice(after + 1, after + 2));
  }

  /** Text up to the next action. `trims`: the action before it ended with a trim marker. */
  #textUpTo(trims: boolean): void {
    if (trims) this.#skip(matchAt(blank, this.#text, this.#at)?.length ?? 0);
    const found = this.#text.indexOf(this.#delimiters.left, this.#at);
    const start = this.#at;
    const line = this.#line;
    this.#skip((found === -1 ? this.#text.length : found) - start);
    const whole = this.#text.slice(start, this.#at);
    const text = found !== -1 && this.#trimsLeft() ? trimEnd(whole) : whole;
    if (text !== '') this.#tokens.push({ kind: 'text', text, line, spaced: false });
  }

  /** One action; answers whether it ends with a trim marker. */
  #action(): boolean {
    const trims = this.#trimsLeft();
    const marker = trims ? 2 : 0;
    if (this.#follows('/*', this.#at + this.#delimiters.left.length + marker)) return this.#comment(marker);
    this.#push('open', '', false);
    this.#skip(this.#delimiters.left.length + marker);
    let parens = 0;
    for (;;) {
      const spaced = this.#space();
      const ended = this.#closes(spaced);
      if (ended !== undefined) {
        if (parens > 0) fault('a parenthesis is not closed: write `)` before the action ends');
        this.#push('close', '', spaced);
        this.#skip(ended.length);
        return ended.trims;
      }
      parens += this.#word(spaced);
      if (parens < 0) fault('a `)` has no `(`: take it out');
    }
  }

  #space(): boolean {
    const length = matchAt(blank, this.#text, this.#at)?.length ?? 0;
    // A trim marker owns the space before it, which is looked at from behind.
    this.#skip(length);
    return length > 0;
  }

  /** The end of an action, where one stands here. */
  #closes(spaced: boolean): { length: number; trims: boolean } | undefined {
    const { right } = this.#delimiters;
    if (spaced && this.#follows(`-${right}`)) return { length: right.length + 1, trims: true };
    return this.#follows(right) ? { length: right.length, trims: false } : undefined;
  }

  #comment(marker: number): boolean {
    const { left, right } = this.#delimiters;
    const end = this.#text.indexOf('*/', this.#at + left.length + marker);
    if (end === -1) fault('a comment is not closed: end it with `*/` and the right delimiter');
    this.#skip(end + 2 - this.#at);
    const trims =
      /^[ \t\r\n]/.test(this.#text.slice(this.#at, this.#at + 1)) && this.#follows(`-${right}`, this.#at + 1);
    if (!trims && !this.#follows(right)) fault('a comment does not end its action: nothing may stand behind `*/`');
    this.#skip(right.length + (trims ? 2 : 0));
    return trims;
  }

  /** One word; answers how it changes the depth of parentheses. */
  #word(spaced: boolean): number {
    if (this.#at >= this.#text.length) fault('an action is not closed: write the right delimiter');
    for (const { kind, pattern, ends } of words) {
      if (matchAt(pattern, this.#text, this.#at) === undefined) continue;
      const text = matchAt(kind === 'number' ? number : pattern, this.#text, this.#at) ?? '';
      const line = this.#line;
      if (ends === true && !this.#terminated(this.#at + text.length))
        fault('a character stands where none can: look at the names in this action');
      if (kind === 'number' && /[\w\x80-\xff]/.test(this.#text.charAt(this.#at + text.length)))
        fault('a number is not well-formed');
      this.#skip(text.length);
      this.#tokens.push({ kind, text: kind === 'field' ? text.slice(1) : text, line, spaced });
      return kind === 'paren-open' ? 1 : kind === 'paren-close' ? -1 : 0;
    }
    return fault('a character stands where none can, or a text is not closed by its quote on the same line');
  }

  #terminated(at: number): boolean {
    const next = this.#text.charAt(at);
    return next === '' || ' \t\r\n.,|:()'.includes(next) || this.#follows(this.#delimiters.right, at);
  }
}

/** The tokens of a template. Throws `CofferError` (invalid_request) with the line. */
export const lex = (name: string, text: string, delimiters: Delimiters): readonly Token[] => {
  const lexer = new Lexer(text, delimiters);
  try {
    return lexer.all();
  } catch (error) {
    throw error instanceof TemplateFault ? placed(name, lexer.line, error.message) : error;
  }
};
