/**
 * HCL 1 as a tree. Linear and bounded. Permissive where the language is (repeated keys, spare commas), strict where
 * leniency would lose what somebody meant: a text that ends inside a value is an error.
 */
import { HclError } from './error.ts';
import { nextToken, type Token } from './lexer.ts';
import { Source } from './source.ts';
import type { HclItem, HclKey, HclObject, HclValue } from './tree.ts';

class Parser {
  readonly #source: Source;
  #token: Token;

  constructor(source: Source) {
    this.#source = source;
    this.#token = nextToken(source);
  }

  root(): HclObject {
    const items = this.#items('EOF', 0);
    return { kind: 'object', line: 1, column: 1, items };
  }

  #take(): Token {
    const token = this.#token;
    this.#token = nextToken(this.#source);
    return token;
  }

  #fail(reason: string, token: Token = this.#token): never {
    throw new HclError(token, reason);
  }

  #items(end: 'EOF' | 'RBRACE', depth: number): HclItem[] {
    const items: HclItem[] = [];
    while (this.#token.kind !== end) {
      if (this.#token.kind === 'EOF') this.#fail('object expected closing RBRACE got: EOF');
      this.#source.count(this.#token);
      items.push(this.#item(depth));
      if (this.#token.kind === 'COMMA') this.#take();
    }
    return items;
  }

  #item(depth: number): HclItem {
    const keys = this.#keys();
    const { line, column } = this.#token;
    const assigned = this.#token.kind === 'ASSIGN';
    if (assigned) this.#take();
    return { line, column, keys, assigned, value: this.#value(depth + 1) };
  }

  /** The key and its labels; leaves the `=` or `{` that follows. */
  #keys(): [HclKey, ...HclKey[]] {
    const keys: HclKey[] = [];
    for (;;) {
      const { kind } = this.#token;
      const [first] = keys;
      if (kind === 'IDENT' || kind === 'STRING') {
        const { line, column, text } = this.#take();
        keys.push({ line, column, text });
      } else if (first === undefined) this.#fail(`expected: IDENT | STRING | ASSIGN | LBRACE got: ${kind}`);
      else if (kind === 'LBRACE' || (kind === 'ASSIGN' && keys.length === 1)) return [first, ...keys.slice(1)];
      else if (kind === 'ASSIGN') this.#fail('nested object expected: LBRACE got: ASSIGN');
      else
        this.#fail(`key '${shown(first.text)}' expected start of object ('{') or assignment ('=')`, {
          ...this.#token,
          ...place(first),
        });
    }
  }

  #value(depth: number): HclValue {
    const { line, column, kind, text } = this.#token;
    this.#source.checkDepth(depth, this.#token);
    if (kind === 'LBRACE') return this.#object(depth);
    if (kind === 'LBRACK') return this.#list(depth);
    if (kind === 'STRING' || kind === 'HEREDOC') {
      this.#take();
      return { kind: 'text', line, column, text };
    }
    if (kind === 'NUMBER' || kind === 'FLOAT') {
      this.#take();
      return { kind: 'number', line, column, source: text, integer: kind === 'NUMBER' };
    }
    if (kind !== 'BOOL') return this.#fail(`Unknown token: ${line}:${column} ${kind}`);
    this.#take();
    return { kind: 'bool', line, column, value: text === 'true' };
  }

  #object(depth: number): HclObject {
    const { line, column } = this.#take();
    const items = this.#items('RBRACE', depth);
    this.#take();
    return { kind: 'object', line, column, items };
  }

  #list(depth: number): HclValue {
    const { line, column } = this.#take();
    const values: HclValue[] = [];
    let separated = true;
    while (this.#token.kind !== 'RBRACK') {
      if (this.#token.kind === 'COMMA') {
        this.#take();
        separated = true;
        continue;
      }
      if (!separated || this.#token.kind === 'EOF' || this.#token.kind === 'RBRACE') {
        this.#fail(`error parsing list, expected comma or list end, got: ${this.#token.kind}`);
      }
      this.#source.count(this.#token);
      values.push(this.#value(depth + 1));
      separated = false;
    }
    this.#take();
    return { kind: 'list', line, column, values };
  }
}

const shownLimit = 64;
const place = ({ line, column }: HclKey): { line: number; column: number } => ({ line, column });
const shown = (key: string): string => (key.length > shownLimit ? `${key.slice(0, shownLimit)}…` : key);

/** Reads HCL only. Throws `HclError`. */
export const parseHclText = (text: string): HclObject => new Parser(new Source(text)).root();
