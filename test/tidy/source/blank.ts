/**
 * Source text with everything blanked that is not code: comments, the insides of strings, templates and regular
 * expressions. Offsets and line ends stay, so that a place in the result is the same place in the file. Knows as much
 * TypeScript as formatted code needs: a `/` is a division after a value and opens a regular expression elsewhere.
 */

const beforeRegExp = /(?:^|[([{},;=:?!&|+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|throw|await|yield|void))\s*$/;

interface Reading {
  readonly text: string;
  readonly out: string[];
  at: number;
}

const spaces = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

const copy = (reading: Reading, count: number): void => {
  reading.out.push(reading.text.slice(reading.at, reading.at + count));
  reading.at += count;
};

const blankTo = (reading: Reading, end: number): void => {
  reading.out.push(spaces(reading.text.slice(reading.at, end)));
  reading.at = end;
};

/** Where the quoted part that starts at `from` ends: the offset of the closing mark. */
const closing = (text: string, from: number, mark: string): number => {
  let inClass = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (mark === '/' && char === '[') inClass = true;
    else if (mark === '/' && char === ']') inClass = false;
    else if (char === '\n') return at;
    else if (char === mark && !inClass) return at;
  }
  return text.length;
};

const readQuoted = (reading: Reading, mark: string): void => {
  copy(reading, 1);
  blankTo(reading, closing(reading.text, reading.at, mark));
  copy(reading, 1);
};

const readTemplate = (reading: Reading): void => {
  copy(reading, 1);
  while (reading.at < reading.text.length) {
    const { text, at } = reading;
    if (text[at] === '`') return copy(reading, 1);
    if (text[at] === '\\') blankTo(reading, at + 2);
    else if (text.startsWith('${', at)) {
      copy(reading, 2);
      readCode(reading, true);
    } else blankTo(reading, at + 1);
  }
};

const opensRegExp = (reading: Reading): boolean =>
  beforeRegExp.test(reading.text.slice(Math.max(0, reading.at - 40), reading.at));

/** The offset just after `mark`, or the end of the text where it is missing. */
const after = (text: string, mark: string, from: number): number => {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + mark.length;
};

/** Reads one piece of code; true when it was a comment or something quoted. */
const readPiece = (reading: Reading): boolean => {
  const { text, at } = reading;
  const char = text[at];
  if (char === "'" || char === '"') readQuoted(reading, char);
  else if (char === '`') readTemplate(reading);
  else if (text.startsWith('//', at) || text.startsWith('#!', at)) blankTo(reading, after(text, '\n', at));
  else if (text.startsWith('/*', at)) blankTo(reading, after(text, '*/', at + 2));
  else if (char === '/' && opensRegExp(reading)) readQuoted(reading, '/');
  else return false;
  return true;
};

const readCode = (reading: Reading, untilBrace: boolean): void => {
  let depth = 0;
  while (reading.at < reading.text.length) {
    if (readPiece(reading)) continue;
    const char = reading.text[reading.at];
    copy(reading, 1);
    if (char === '{') depth += 1;
    if (char === '}' && untilBrace && depth === 0) return;
    if (char === '}') depth -= 1;
  }
};

export const blankOut = (text: string): string => {
  const reading: Reading = { text, out: [], at: 0 };
  readCode(reading, false);
  return reading.out.join('');
};
