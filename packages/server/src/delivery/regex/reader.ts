/** Reads the text of a regular expression rune by rune. */
import { badRune, runeAt } from '../render/bytes.ts';

/** What is wrong with an expression. Its message holds nothing of the expression: that may come from the data. */
export class RegexError extends Error {
  override readonly name = 'RegexError';
}

export const fail = (message: string): never => {
  throw new RegexError(message);
};

export class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The next byte. */
  peek(): string | undefined {
    return this.#text[this.#at];
  }

  takes(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** `pattern` is sticky. */
  takesPattern(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  rune(): number {
    if (this.done) return fail('it ends too early');
    const { code, length } = runeAt(this.#text, this.#at);
    if (code === badRune && length === 1) fail('it is not UTF-8');
    this.#at += length;
    return code;
  }
}
