/**
 * One YAML document, or JSON, as plain values; the one place of the server that knows the library. Strict: duplicate keys,
 * custom tags, alias bombs and further documents are faults. A fault names the kind of mistake and its line, never the text:
 * it may be a secret.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { LineCounter, parseDocument, type YAMLError } from 'yaml';

/** Values that aliases may stand for, all together, as a multiple of what is written. */
const aliasLimit = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const textOf = (bytes: Uint8Array, name: string): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new CofferError('usage', `${name} is not UTF-8 text`);
  }
};

/** `MULTIPLE_DOCS` → `multiple docs`: the library's codes are words. */
const mistakeOf = (error: YAMLError): string => error.code.toLowerCase().replaceAll('_', ' ');

/** The document's value; `undefined` where the text is empty. `name` stands in errors (`usage`). */
export const readYaml = (bytes: Uint8Array, name: string): unknown => readYamlText(textOf(bytes, name), name);

/** The same of a text. */
export const readYamlText = (text: string, name: string): unknown => {
  const lineCounter = new LineCounter();
  try {
    const parsed = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true, logLevel: 'error' });
    const first = parsed.errors[0] ?? parsed.warnings[0];
    if (first !== undefined) {
      const { line } = lineCounter.linePos(first.pos[0]);
      throw new CofferError('usage', `${name}, line ${Math.max(1, line)}: not valid YAML: ${mistakeOf(first)}`);
    }
    return parsed.toJS({ maxAliasCount: aliasLimit }) ?? undefined;
  } catch (cause) {
    // The library's own texts quote what they read.
    if (cause instanceof CofferError) throw cause;
    throw new CofferError('usage', `${name} is not valid YAML: aliases or nesting that cannot be read`);
  }
};
