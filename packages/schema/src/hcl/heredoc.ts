/** Texts over many lines: `<<ID` keeps its lines as they stand, `<<-ID` takes away the indent of its terminator. */
import type { Source } from './source.ts';

const anchor = /<<(-?)([\p{L}\p{Nd}_]{0,256})/uy;
const indent = /[ \t]*/y;

const indentAt = (text: string, from: number): string => {
  indent.lastIndex = from;
  return indent.exec(text)?.[0] ?? '';
};

interface Body {
  readonly text: string;
  readonly indent: string;
}

/** The lines up to the terminator; leaves the cursor on the newline after it. */
const readBody = (source: Source, id: string, start: number): Body => {
  const { text } = source;
  const first = source.at;
  for (let line = first; ; ) {
    const end = text.indexOf('\n', line);
    if (end < 0) return source.fail('heredoc not terminated', start);
    const before = indentAt(text, line);
    if (line + before.length + id.length === end && text.startsWith(id, line + before.length)) {
      source.at = end;
      return { text: text.slice(first, line), indent: before };
    }
    line = end + 1;
  }
};

const unindented = ({ text, indent: prefix }: Body): string => {
  const lines = text.split('\n');
  lines.pop();
  if (!lines.every(line => line.startsWith(prefix))) return text;
  return lines.map(line => `${line.slice(prefix.length)}\n`).join('');
};

/** Reads a heredoc; the cursor stands on its `<<`. */
export const readHeredoc = (source: Source): string => {
  const start = source.at;
  anchor.lastIndex = start;
  const found = anchor.exec(source.text);
  const id = found?.[2] ?? '';
  if (found === null) return source.fail("expected '<<'", start);
  const after = start + found[0].length;
  if (id === '' && source.text.charAt(after) === '\n') return source.fail('zero-length heredoc anchor', start);
  if (id === '' || source.text.charAt(after) !== '\n')
    return source.fail('invalid characters in heredoc anchor', start);
  source.at = after + 1;
  const body = readBody(source, id, start);
  return found[1] === '-' ? unindented(body) : body.text + body.indent;
};
