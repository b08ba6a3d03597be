/**
 * YAML in and out; the one place that knows the library. Documents are cut at their markers first and read one by one, so
 * that a broken one takes no other with it. Strict: duplicate keys, custom tags and alias bombs are faults. A fault names
 * the kind of mistake and its line, never the text: it may be a secret.
 */
import {
  Document,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Document as Read, Tree } from '../manifests/tree.ts';

/** Values that aliases may stand for, all together, as a multiple of what is written. */
const aliasLimit = 100;
const depthLimit = 200;
const documentsLimit = 100_000;
/** Lines and commas of one document. */
const partsLimit = 2_000_000;

/** Double-quoted text stays on one line: folded over several, the library loses a space before a line break. */
const oneLine = Number.MAX_SAFE_INTEGER;
/** Lines that a block of text gives back as they are: no space at either end, and none that is empty but the last. */
const blockSafe = /^(?:[!-~](?:[ -~]*[!-~])?\n)+(?:[!-~](?:[ -~]*[!-~])?)?$/;

const quoteUnsafe = (_: unknown, scalar: Scalar): void => {
  const { value } = scalar;
  if (typeof value === 'string' && value.includes('\n') && !blockSafe.test(value)) scalar.type = 'QUOTE_DOUBLE';
};

export const toYaml = (value: unknown): string => {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, { Scalar: quoteUnsafe });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: oneLine });
};

interface Piece {
  readonly text: string;
  /** Lines before it. */
  readonly before: number;
}

const marker = /^---(?:[ \t]|\r?$)/;
/** Comments, directives and blank lines alone are no document. */
const empty = /^(?:[ \t]*(?:#.*)?\r?|%.*)$/;

/** At each line that starts with `---`: no scalar may hold one (YAML 1.2 §9.1.2). */
const piecesOf = (text: string): Piece[] => {
  const pieces: Piece[] = [];
  let lines: string[] = [];
  let before = 0;
  const all = text.split('\n');
  all.forEach((line, at) => {
    if (marker.test(line)) {
      pieces.push({ text: lines.join('\n'), before });
      lines = [];
      before = at;
    }
    lines.push(line);
  });
  pieces.push({ text: lines.join('\n'), before });
  return pieces.filter(piece => piece.text.split('\n').some(line => !empty.test(line)));
};

/** Brackets left open and parts of a text, counted without reading it: bounds for recursion and memory, not a parser. */
const excess = (text: string): string | undefined => {
  let open = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) open += 1;
    else if (code === 0x5d || code === 0x7d) open -= 1;
    else if (code === 0x2c || code === 0x0a) parts += 1;
    if (open > depthLimit) return `more than ${depthLimit} brackets deep`;
    if (parts > partsLimit) return `more than ${partsLimit} lines and commas in one document: split it`;
  }
  return undefined;
};

const faults: ReadonlyMap<string, string> = new Map([
  ['ALIAS_PROPS', 'an alias cannot have properties'],
  ['BAD_ALIAS', 'an alias is not valid'],
  ['BAD_DIRECTIVE', 'a directive is not valid'],
  ['BAD_DQ_ESCAPE', 'an escape in double quotes is not valid'],
  ['BAD_INDENT', 'the indentation is wrong'],
  ['BAD_SCALAR_START', 'a value starts with a reserved character: quote it'],
  ['BLOCK_AS_IMPLICIT_KEY', 'a nested value stands where text is expected: check indentation and colons'],
  ['BLOCK_IN_FLOW', 'a block stands inside brackets'],
  ['MISSING_CHAR', 'a closing quote, bracket or separator is missing'],
  ['MULTILINE_IMPLICIT_KEY', 'a key goes over more than one line'],
  ['MULTIPLE_ANCHORS', 'a value has two anchors'],
  ['MULTIPLE_DOCS', 'more than one document'],
  ['MULTIPLE_TAGS', 'a value has two tags'],
  ['NON_STRING_KEY', 'a key is not text'],
  ['TAB_AS_INDENT', 'a tab is used for indentation'],
  ['TAG_RESOLVE_FAILED', 'a custom tag cannot be read'],
  ['UNEXPECTED_TOKEN', 'a character stands where none is expected'],
]);

interface Place {
  readonly piece: Piece;
  readonly counter: LineCounter;
}

const lineAt = ({ piece, counter }: Place, offset: number): number =>
  piece.before + Math.max(1, counter.linePos(offset).line);

const broken = (line: number, fault: string): Read => ({ line, value: undefined, fault, lineOf: () => line });

const mistake = (place: Place, error: YAMLError): Read =>
  broken(lineAt(place, error.pos[0]), `not valid YAML: ${faults.get(error.code) ?? 'a mistake'}`);

const isPlaced = (node: unknown): node is { readonly range: readonly [number, number, number] } =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);

/** Where a member name stands a second time. The library's own check takes quadratic time. */
const secondName = (parsed: Document.Parsed): number | undefined => {
  let found: number | undefined;
  const look = (_: unknown, map: YAMLMap): symbol | undefined => {
    const names = new Set<unknown>();
    for (const { key } of map.items) {
      if (!isScalar(key) || key.value === '<<') continue;
      if (names.has(key.value)) {
        found = key.range?.[0] ?? 0;
        return visit.BREAK;
      }
      names.add(key.value);
    }
    return undefined;
  };
  visit(parsed, { Map: look });
  return found;
};

const opened = (place: Place, parsed: Document.Parsed): Read => {
  const first = parsed.errors[0] ?? parsed.warnings[0];
  if (first !== undefined) return mistake(place, first);
  const second = secondName(parsed);
  if (second !== undefined) return broken(lineAt(place, second), 'not valid YAML: a key stands twice');
  const line = lineAt(place, isPlaced(parsed.contents) ? parsed.contents.range[0] : 0);
  try {
    const value = parsed.toJS({ mapAsMap: true, maxAliasCount: aliasLimit }) as Tree;
    const lineOf = (path: readonly (string | number)[]): number => {
      const node: unknown = parsed.getIn(path, true);
      return isPlaced(node) ? lineAt(place, node.range[0]) : line;
    };
    return { line, value, fault: '', lineOf };
  } catch {
    return broken(line, 'aliases stand for too much, or for nothing');
  }
};

const readPiece = (piece: Piece): readonly Read[] => {
  const counter = new LineCounter();
  const line = piece.before + 1;
  const tooMuch = excess(piece.text);
  if (tooMuch !== undefined) return [broken(line, tooMuch)];
  try {
    const parsed = parseAllDocuments(piece.text, {
      lineCounter: counter,
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: false,
      merge: true,
      logLevel: 'silent',
    });
    return Array.isArray(parsed) ? parsed.map(one => opened({ piece, counter }, one)) : [];
  } catch {
    return [broken(line, 'not valid YAML: nested too deep, or not readable at all')];
  }
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Every document of a file, in order; JSON is YAML too. Never throws for what the bytes hold. */
export const readYaml = (bytes: Uint8Array): readonly Read[] => {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return [broken(1, 'not UTF-8 text')];
  }
  const pieces = piecesOf(text);
  if (pieces.length > documentsLimit) return [broken(1, `more than ${documentsLimit} documents`)];
  return pieces.flatMap(readPiece);
};
