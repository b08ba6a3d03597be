/**
 * Templates in the language of Go's text/template over strings that are bytes. A template is compiled once and rendered
 * with data as often as wanted; it holds nothing of the data. Source of the language: https://pkg.go.dev/text/template.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { bytesOfString, stringOfBytes, stringOfText } from './bytes.ts';
import { Executor } from './executor.ts';
import type { Functions } from './function.ts';
import { builtins } from './functions/builtins.ts';
import type { Delimiters } from './lexer.ts';
import { templateLimits } from './limits.ts';
import { parseTemplate } from './parser.ts';
import type { Definitions } from './tree.ts';
import { Dict, type Value } from './value.ts';
import { placed, type Spent, TemplateFault, type TemplateLimits, Work } from './work.ts';

export interface TemplateInput {
  /** Named in failures: the key the template is for. */
  readonly name: string;
  readonly text: string;
  /** Beside those of the language itself. */
  readonly functions: Functions;
  /** `{{` and `}}` where not given. */
  readonly delimiters?: Delimiters;
  readonly limits?: TemplateLimits;
}

/** The data most templates see: a map of texts, from names to bytes. A name that is missing fails the template. */
export const rootOf = (entries: Iterable<readonly [name: string, value: Uint8Array]>): Dict =>
  new Dict(
    [...entries].map(([name, value]) => [stringOfText(name), stringOfBytes(value)]),
    'string',
  );

export class Template {
  readonly #input: TemplateInput;
  readonly #functions: Functions;
  readonly #definitions: Definitions;

  constructor(input: TemplateInput) {
    this.#input = input;
    this.#functions = new Map([...builtins, ...input.functions]);
    this.#definitions = this.#parse();
  }

  #parse(): Definitions {
    const { name, text, delimiters = { left: '{{', right: '}}' }, limits = templateLimits } = this.#input;
    const bytes = stringOfText(text);
    if (bytes.length > limits.templateBytes)
      throw placed(name, 1, `is larger than ${limits.templateBytes} bytes (limit templateBytes): split it`);
    return parseTemplate({
      name,
      text: bytes,
      delimiters: { left: stringOfText(delimiters.left), right: stringOfText(delimiters.right) },
      work: new Work(limits),
      knows: word => word === 'and' || word === 'or' || this.#functions.has(word),
    });
  }

  /** What the template writes. Those that are handed the same `spent` share the limits. Throws `CofferError` (invalid_request) with name and line, never with a value. */
  render(data: Value, spent?: Spent): Uint8Array {
    const { name, text, limits = templateLimits } = this.#input;
    const work = new Work(limits, stringOfText(text), spent);
    const executor = new Executor({ definitions: this.#definitions, functions: this.#functions, work });
    try {
      return bytesOfString(executor.run(name, data));
    } catch (error) {
      if (error instanceof CofferError) throw error;
      // Node's own refusals to make a string that long or to nest that deep; its words could hold values.
      const reason =
        error instanceof TemplateFault
          ? error.message
          : error instanceof RangeError
            ? 'needs more than can be computed'
            : undefined;
      throw reason === undefined ? error : placed(name, executor.line, reason);
    }
  }
}

/** Throws `CofferError` (invalid_request) with name and line where the text is no template. */
export const compile = (input: TemplateInput): Template => new Template(input);
