/** Splits a filter into its words: parentheses, comparisons, quoted texts, and everything else that has no space in it. */
import { CofferError } from '@coffer/schema/errors.ts';

export interface Lexeme {
  readonly kind: '(' | ')' | '==' | '!=' | 'word' | 'text' | 'end';
  readonly text: string;
  /** Counted from 1, for messages. */
  readonly at: number;
}

/** Longest filter, in UTF-16 units. */
export const filterLimit = 4_096;

export const refused = (message: string, at: number): CofferError =>
  new CofferError('invalid_request', `invalid filter: ${message} at character ${at}`);

const space = /\s/;
const mark = /==|!=|[()]/y;
const quoted = /"((?:[^"\\]|\\["\\])*)"|`([^`]*)`/y;
const word = /[^\s()"`=!]+/y;

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

const lexemeAt = (text: string, at: number): { readonly lexeme: Lexeme; readonly end: number } => {
  const found = matchAt(mark, text, at);
  if (found !== null)
    return { lexeme: { kind: found[0] as Lexeme['kind'], text: found[0], at: at + 1 }, end: at + found[0].length };
  const string = matchAt(quoted, text, at);
  if (string !== null) {
    const content = string[1]?.replaceAll(/\\(["\\])/g, '$1') ?? string[2] ?? '';
    return { lexeme: { kind: 'text', text: content, at: at + 1 }, end: at + string[0].length };
  }
  const plain = matchAt(word, text, at);
  if (plain === null)
    throw refused(text[at] === '"' || text[at] === '`' ? 'a text without an end' : 'an unexpected character', at + 1);
  return { lexeme: { kind: 'word', text: plain[0], at: at + 1 }, end: at + plain[0].length };
};

/** The last is `end`. Throws `invalid_request`. */
export const lexemesOf = (text: string): readonly Lexeme[] => {
  if (text.length > filterLimit)
    throw new CofferError('invalid_request', `invalid filter: longer than ${filterLimit} characters`);
  const lexemes: Lexeme[] = [];
  for (let at = 0; at < text.length; ) {
    if (space.test(text[at] ?? '')) at++;
    else {
      const { lexeme, end } = lexemeAt(text, at);
      lexemes.push(lexeme);
      at = end;
    }
  }
  return [...lexemes, { kind: 'end', text: '', at: text.length + 1 }];
};
