/** Quoted texts of HCL: escapes, and `${…}` copied as it stands. */
import type { Source } from './source.ts';

const simple: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
]);

interface CodeForm {
  readonly digits: RegExp;
  readonly base: number;
  /** Largest code the form may name: a byte above 0x7f would be half a character. */
  readonly limit: number;
}

const codeForms: ReadonlyMap<string, CodeForm> = new Map([
  ['x', { digits: /x([0-9a-fA-F]{2})/y, base: 16, limit: 0x7f }],
  ['u', { digits: /u([0-9a-fA-F]{4})/y, base: 16, limit: 0xffff }],
  ['U', { digits: /U([0-9a-fA-F]{8})/y, base: 16, limit: 0x10_ffff }],
]);
const octal: CodeForm = { digits: /([0-7]{3})/y, base: 8, limit: 0x7f };

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** Reads one escape; the cursor stands after the backslash. */
const escape = (source: Source): string => {
  const { text, at } = source;
  const letter = text.charAt(at);
  const plain = simple.get(letter);
  if (plain !== undefined) {
    source.at += 1;
    return plain;
  }
  const form = codeForms.get(letter) ?? octal;
  form.digits.lastIndex = at;
  const found = form.digits.exec(text);
  const code = Number.parseInt(found?.[1] ?? '', form.base);
  if (found === null || code > form.limit || isSurrogate(code)) return source.fail('illegal char escape', at - 1);
  source.at += found[0].length;
  return String.fromCodePoint(code);
};

/** The offset after the `}` that closes the `${` at `from`. */
const interpolationEnd = (source: Source, from: number): number => {
  let open = 1;
  for (let at = from + 2; at < source.text.length; at += 1) {
    const unit = source.text.charCodeAt(at);
    if (unit === 0x7b) open += 1;
    else if (unit === 0x7d) open -= 1;
    if (open === 0) return at + 1;
  }
  return source.fail('literal not terminated', from);
};

const stop = /["\\\n]|\$\{/g;

/** Reads a quoted text; the cursor stands on its opening quote. */
export const readQuoted = (source: Source): string => {
  const { text } = source;
  const start = source.at;
  let value = '';
  source.at += 1;
  for (;;) {
    stop.lastIndex = source.at;
    const found = stop.exec(text);
    if (found === null) return source.fail('literal not terminated', start);
    value += text.slice(source.at, found.index);
    source.at = found.index + 1;
    if (found[0] === '"') return value;
    if (found[0] === '\n') return source.fail('literal not terminated', start);
    if (found[0] === '\\') value += escape(source);
    else {
      source.at = interpolationEnd(source, found.index);
      value += text.slice(found.index, source.at);
    }
  }
};
