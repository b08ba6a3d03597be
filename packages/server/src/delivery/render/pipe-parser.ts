/** Parses pipelines: variables, commands, operands. Knows which variables and functions there are. */
import type { Token } from './lexer.ts';
import { readNumber, readRune, readString } from './literal.ts';
import type { TokenReader } from './token-reader.ts';
import type { Command, Operand, Pipe } from './tree.ts';
import { fault, type Work } from './work.ts';

export interface PipeContext {
  readonly work: Work;
  readonly knows: (functionName: string) => boolean;
}

const constants: ReadonlyMap<string, Operand> = new Map<string, Operand>([
  ['true', { kind: 'literal', value: true }],
  ['false', { kind: 'literal', value: false }],
  ['nil', { kind: 'nil' }],
]);
const keywords = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with']);
/** Go lets a `|` stand last. */
const ends = new Set(['close', 'paren-close']);
const starts = new Set(['string', 'raw-string', 'rune', 'number', 'field', 'dot', 'variable', 'word', 'paren-open']);

export class PipeParser {
  readonly #tokens: TokenReader;
  readonly #context: PipeContext;
  #variables: string[] = ['$'];

  constructor(tokens: TokenReader, context: PipeContext) {
    this.#tokens = tokens;
    this.#context = context;
  }

  /** Variables made in `run` end with it. `fresh`: none of those outside are seen. */
  scope<T>(run: () => T, fresh = false): T {
    const before = this.#variables;
    const mark = before.length;
    if (fresh) this.#variables = ['$'];
    const result = run();
    this.#variables = before;
    this.#variables.length = mark;
    return result;
  }

  /** A pipeline up to the end of the action, which is taken. `where` names it in failures. */
  action(where: string): Pipe {
    const pipe = this.#pipe(where);
    this.#tokens.expect('close', where);
    return pipe;
  }

  #pipe(where: string): Pipe {
    const { line } = this.#tokens;
    const declared = this.#declaration(where);
    const commands: Command[] = [];
    do commands.push(this.#command(where));
    while (this.#tokens.takes('pipe') && !ends.has(this.#tokens.peek().kind));
    for (const [first] of commands.slice(1))
      if (first !== undefined && ['literal', 'dot', 'nil', 'number'].includes(first.kind))
        fault('only a function can stand behind `|`: a plain value takes no arguments');
    return { line, commands, ...declared };
  }

  /** `$x :=`, `$x =`, in `range` also `$i, $x :=`. */
  #declaration(where: string): { variables: readonly string[]; assigns: boolean } {
    const tokens = this.#tokens;
    const first = tokens.peek();
    if (first.kind !== 'variable') return { variables: [], assigns: false };
    const next = tokens.peek(1);
    const two = where === 'range' && next.kind === 'char' && next.text === ',';
    if (two && tokens.peek(2).kind !== 'variable') fault('range takes one or two variables, such as `$index, $value`');
    const sign = tokens.peek(two ? 3 : 1).kind;
    if (sign !== 'declare' && sign !== 'assign')
      return two ? fault('range with two variables needs `:=` or `=` behind them') : { variables: [], assigns: false };
    const variables = two ? [first.text, tokens.peek(2).text] : [first.text];
    for (let left = two ? 4 : 2; left > 0; left--) tokens.next();
    const assigns = sign === 'assign';
    if (assigns) for (const name of variables) this.#known(name);
    else this.#variables.push(...variables);
    return { variables, assigns };
  }

  #known(name: string): void {
    this.#context.work.step(this.#variables.length >> 4);
    if (!this.#variables.includes(name)) fault(`no variable ${name} here: make it first with \`${name} := …\``);
  }

  #command(where: string): Command {
    const operands: Operand[] = [];
    for (;;) {
      const token = this.#tokens.peek();
      if (!starts.has(token.kind)) break;
      if (operands.length > 0 && !token.spaced) this.#tokens.unexpected(`${where}: white space must part arguments`);
      operands.push(this.#operand(where));
    }
    if (!['close', 'pipe', 'paren-close'].includes(this.#tokens.peek().kind)) this.#tokens.unexpected(where);
    return operands.length > 0 ? operands : fault(`${where} lacks a value`);
  }

  #operand(where: string): Operand {
    const term = this.#context.work.deeper(() => this.#term(where));
    const names = this.#fields();
    if (names.length === 0) return term;
    if (term.kind === 'field') return { kind: 'field', names: [...term.names, ...names] };
    if (term.kind === 'variable') return { ...term, names: [...term.names, ...names] };
    if (['literal', 'number', 'nil', 'dot'].includes(term.kind)) fault(`.${names[0]} cannot follow a plain value`);
    return { kind: 'chain', of: term, names };
  }

  /** `.a.b` directly behind a term. */
  #fields(): string[] {
    const names: string[] = [];
    while (this.#tokens.peek().kind === 'field' && !this.#tokens.peek().spaced) names.push(this.#tokens.next().text);
    return names;
  }

  #term(where: string): Operand {
    const token = this.#tokens.next();
    if (token.kind !== 'paren-open') return this.#simple(token);
    const pipe = this.#pipe(where === 'range' ? 'parentheses' : where);
    this.#tokens.expect('paren-close', where);
    return { kind: 'pipe', pipe };
  }

  #simple({ kind, text }: Token): Operand {
    switch (kind) {
      case 'string':
        return { kind: 'literal', value: readString(text) };
      case 'raw-string':
        return { kind: 'literal', value: text.slice(1, -1).replaceAll('\r', '') };
      case 'number':
        return readNumber(text);
      case 'rune':
        return readRune(text);
      case 'field':
        return { kind: 'field', names: [text] };
      case 'variable':
        this.#known(text);
        return { kind: 'variable', name: text, names: [] };
      case 'dot':
        return { kind: 'dot' };
      default:
        return this.#word(text);
    }
  }

  #word(name: string): Operand {
    const constant = constants.get(name);
    if (constant !== undefined) return constant;
    if (!this.#context.knows(name))
      fault(
        keywords.has(name)
          ? `\`${name}\` must be the first word of its action`
          : `function "${name}" is not available in this version: docs/templates.md lists those that are`,
      );
    return { kind: 'function', name };
  }
}
