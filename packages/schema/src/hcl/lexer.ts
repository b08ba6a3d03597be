/** The words of HCL. A token carries its place and its meaning; comments and white space are gone. */
import type { Place } from './error.ts';
import { readHeredoc } from './heredoc.ts';
import { readQuoted } from './quoted.ts';
import type { Source } from './source.ts';

export type TokenKind =
  | 'EOF'
  | 'IDENT'
  | 'STRING'
  | 'HEREDOC'
  | 'NUMBER'
  | 'FLOAT'
  | 'BOOL'
  | 'LBRACE'
  | 'RBRACE'
  | 'LBRACK'
  | 'RBRACK'
  | 'COMMA'
  | 'ASSIGN';

export interface Token extends Place {
  readonly kind: TokenKind;
  /** Name, unescaped text, or number as written; empty for punctuation. */
  readonly text: string;
}

const punctuation: ReadonlyMap<string, TokenKind> = new Map([
  ['{', 'LBRACE'],
  ['}', 'RBRACE'],
  ['[', 'LBRACK'],
  [']', 'RBRACK'],
  [',', 'COMMA'],
  ['=', 'ASSIGN'],
]);

const blank = /[ \t\r\n]*/y;
const identifier = /[\p{L}_][\p{L}\p{Nd}_.-]*/uy;
const number = /-?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)/y;
const startsNumber = /[0-9.-]/;
const badOctal = /^-?0[0-9]*[89]/;
const integer = /^-?(?:0[xX][0-9a-fA-F]+|[0-9]+)$/;
const joined = /[\p{L}\p{Nd}_.]/uy;

const match = (pattern: RegExp, source: Source): string | undefined => {
  pattern.lastIndex = source.at;
  return pattern.exec(source.text)?.[0];
};

const skipComment = (source: Source): void => {
  const { text, at } = source;
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2);
    if (end < 0) source.fail('comment not terminated');
    source.at = end + 2;
    return;
  }
  if (text.charAt(at) === '/' && text.charAt(at + 1) !== '/') source.fail("expected '/' for comment");
  const end = text.indexOf('\n', at);
  source.at = end < 0 ? text.length : end;
};

const skipBlank = (source: Source): void => {
  for (;;) {
    source.at += match(blank, source)?.length ?? 0;
    const next = source.text.charAt(source.at);
    if (next !== '#' && next !== '/') return;
    skipComment(source);
  }
};

const readNumber = (source: Source, place: Place): Token => {
  const text = match(number, source);
  if (text === undefined) return source.fail('illegal number');
  const whole = integer.test(text);
  if (whole && badOctal.test(text)) return source.fail('illegal octal number');
  source.at += text.length;
  if (match(joined, source) !== undefined) return source.fail('a number ends here: put a value with a unit in quotes');
  return { ...place, kind: whole ? 'NUMBER' : 'FLOAT', text };
};

const readWord = (source: Source, place: Place): Token => {
  const text = match(identifier, source);
  if (text === undefined) return source.fail('illegal char');
  source.at += text.length;
  return { ...place, kind: text === 'true' || text === 'false' ? 'BOOL' : 'IDENT', text };
};

/** The next token; `EOF` again and again at the end. */
export const nextToken = (source: Source): Token => {
  skipBlank(source);
  const place = source.place();
  const first = source.text.charAt(source.at);
  if (first === '') return { ...place, kind: 'EOF', text: '' };
  const mark = punctuation.get(first);
  if (mark !== undefined) {
    source.at += 1;
    return { ...place, kind: mark, text: '' };
  }
  if (first === '"') return { ...place, kind: 'STRING', text: readQuoted(source) };
  if (first === '<') return { ...place, kind: 'HEREDOC', text: readHeredoc(source) };
  return startsNumber.test(first) ? readNumber(source, place) : readWord(source, place);
};
