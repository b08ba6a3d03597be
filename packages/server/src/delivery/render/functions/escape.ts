/** html, js, urlquery: texts made safe to stand in another language, as Go makes them. */
import { pieces, runeAt } from '../bytes.ts';
import { isPrintable } from '../format/quote.ts';

const htmlEntities: ReadonlyMap<string, string> = new Map([
  ['\0', '\xef\xbf\xbd'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

export const html = (string: string): string =>
  string.replaceAll(/[\0"'&<>]/g, found => htmlEntities.get(found) ?? found);

const jsNames: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
  ['<', '\\u003C'],
  ['>', '\\u003E'],
  ['&', '\\u0026'],
  ['=', '\\u003D'],
]);

const unicode = (code: number): string => `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;

const jsPiece = (piece: string): string => {
  const name = jsNames.get(piece);
  if (name !== undefined) return name;
  const { code } = runeAt(piece, 0);
  if (code < 0x80) return code < 0x20 ? unicode(code) : piece;
  return isPrintable(code) ? piece : unicode(code);
};

export const js = (string: string): string => pieces(string).map(jsPiece).join('');

/** For the part of a URL behind `?`. */
export const urlQuery = (string: string): string =>
  string.replaceAll(/[^\w.~-]/g, byte =>
    byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
