/** Tokens read one after another, and the failure at the place reached. */
import type { Token, TokenKind } from './lexer.ts';
import { fault } from './work.ts';

export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get line(): number {
    return this.peek().line;
  }

  /** The token `ahead` of the next one; the last one is `end`, for ever. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  /** Takes the next token if it is such a one. */
  takes(kind: TokenKind, text?: string): boolean {
    const token = this.peek();
    if (token.kind !== kind || (text !== undefined && token.text !== text)) return false;
    this.next();
    return true;
  }

  expect(kind: TokenKind, where: string): Token {
    return this.peek().kind === kind ? this.next() : this.unexpected(where);
  }

  unexpected(where: string): never {
    const { kind, text } = this.peek();
    const what =
      kind === 'end'
        ? 'the end of the template'
        : kind === 'close'
          ? 'the end of the action'
          : kind === 'text'
            ? 'text'
            : `\`${text}\``;
    return fault(`${what} cannot stand in ${where}`);
  }
}
