/** JSON as Go's encoding/json reads and writes it: numbers are floats, keys come sorted. */
import { parseChecked } from '@coffer/schema/json/parse.ts';
import { scanJson } from '@coffer/schema/json/scan.ts';
import { badRune, bytesOfString, pieces, runeAt } from '../bytes.ts';
import { any, fixed, string, type TemplateFunction } from '../function.ts';
import { Int, List, type Value } from '../value.ts';
import { fault, type Work } from '../work.ts';
import { numberText, valueOfJson } from './json-values.ts';

/** What a JSON text holds; undefined where it is no JSON. */
const read = (text: string, work: Work): Value | undefined => {
  const { depth } = work.limits;
  const bytes = bytesOfString(text);
  try {
    scanJson(bytes, { depth, keys: work.limits.steps, values: work.limits.steps });
  } catch {
    return undefined;
  }
  return valueOfJson(parseChecked(bytes), work);
};

const notJson = (): never => fault('the text is not JSON: look at what the source holds');

const escapes: ReadonlyMap<number, string> = new Map([
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
]);
const forHtml = new Set([0x3c, 0x3e, 0x26]);
const lineEnds = new Set([0x2028, 0x2029]);

interface Style {
  /** Escapes what could end a script in a page. */
  readonly html: boolean;
  /** Spaces per level; 0 writes all on one line. */
  readonly indent: number;
  readonly work: Work;
}

const writtenRune = (piece: string, html: boolean): string => {
  const { code, length } = runeAt(piece, 0);
  if (code === badRune && length === 1) return '\\ufffd';
  const escape = escapes.get(code);
  if (escape !== undefined) return escape;
  const hex = code < 0x20 || lineEnds.has(code) || (html && forHtml.has(code));
  return hex ? `\\u${code.toString(16).padStart(4, '0')}` : piece;
};

const writtenString = (text: string, { html, work }: Style): string => {
  work.make(text.length * 6);
  return `"${pieces(text)
    .map(piece => writtenRune(piece, html))
    .join('')}"`;
};

const grouped = (
  [open, close]: readonly [string, string],
  items: readonly string[],
  style: Style & { level: number },
): string => {
  if (items.length === 0) return open + close;
  if (style.indent === 0) return open + items.join(',') + close;
  const margin = ' '.repeat(style.indent * style.level);
  style.work.make(items.length * (margin.length + style.indent));
  const inner = `\n${margin}${' '.repeat(style.indent)}`;
  return open + inner + items.join(`,${inner}`) + `\n${margin}${close}`;
};

const write = (value: Value, style: Style, level = 0): string => {
  const { work } = style;
  work.step();
  if (value instanceof Int) return String(value.value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return writtenString(value, style);
  if (value === null || typeof value === 'boolean') return String(value);
  return work.deeper(() => {
    const inside = (item: Value): string => write(item, style, level + 1);
    if (value instanceof List) return grouped(['[', ']'], value.items.map(inside), { ...style, level });
    const colon = style.indent === 0 ? ':' : ': ';
    const members = value.sorted().map(([key, item]) => writtenString(key, style) + colon + inside(item));
    return grouped(['{', '}'], members, { ...style, level });
  });
};

const writer = (html: boolean, indent: number): TemplateFunction =>
  fixed([any], ([value], work) => write(value, { html, indent, work }));

export const jsonFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['fromJson', fixed([string], ([text], work) => read(text, work) ?? null)],
  ['mustFromJson', fixed([string], ([text], work) => read(text, work) ?? (text.trim() === 'null' ? null : notJson()))],
  ['toJson', writer(true, 0)],
  ['mustToJson', writer(true, 0)],
  ['toPrettyJson', writer(true, 2)],
  ['mustToPrettyJson', writer(true, 2)],
  ['toRawJson', writer(false, 0)],
  ['mustToRawJson', writer(false, 0)],
];
