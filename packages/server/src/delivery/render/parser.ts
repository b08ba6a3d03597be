/** Parses a template into its tree: one list of nodes per definition. Throws `CofferError` (invalid_request) with the line. */
import { type Delimiters, lex } from './lexer.ts';
import { readString } from './literal.ts';
import { PipeParser } from './pipe-parser.ts';
import { TokenReader } from './token-reader.ts';
import type { Branch, Definitions, Node, Nodes } from './tree.ts';
import { fault, placed, TemplateFault, type Work } from './work.ts';

export interface ParseInput {
  readonly name: string;
  /** Bytes, as strings of templates are. */
  readonly text: string;
  readonly delimiters: Delimiters;
  readonly work: Work;
  readonly knows: (functionName: string) => boolean;
}

const isBlank = (nodes: Nodes): boolean => nodes.every(node => node.kind === 'text' && node.text.trim() === '');

class Parser {
  readonly tokens: TokenReader;
  readonly definitions: Definitions = new Map();
  readonly #pipes: PipeParser;
  readonly #input: ParseInput;
  #loops = 0;

  constructor(input: ParseInput) {
    this.#input = input;
    this.tokens = new TokenReader(lex(input.name, input.text, input.delimiters));
    this.#pipes = new PipeParser(this.tokens, input);
  }

  template(): void {
    const nodes: Node[] = [];
    while (this.tokens.peek().kind !== 'end') {
      if (this.#opens('define')) this.#define();
      else nodes.push(...this.#node());
    }
    this.#add(this.#input.name, nodes);
  }

  /** A later definition replaces an earlier one, unless it is blank. */
  #add(name: string, nodes: Nodes): void {
    const before = this.definitions.get(name);
    if (before !== undefined && isBlank(nodes)) return;
    if (before !== undefined && !isBlank(before))
      fault(`template ${JSON.stringify(name)} is defined twice: take one out`);
    this.definitions.set(name, nodes);
  }

  /** Takes `{{word` if it comes next. */
  #opens(word: string): boolean {
    const { kind, text } = this.tokens.peek(1);
    if (this.tokens.peek().kind !== 'open' || kind !== 'word' || text !== word) return false;
    this.tokens.next();
    this.tokens.next();
    return true;
  }

  #name(where: string): string {
    const token = this.tokens.peek();
    if (token.kind !== 'string' && token.kind !== 'raw-string')
      return fault(`${where} needs the name of a template in quotes`);
    this.tokens.next();
    return token.kind === 'string' ? readString(token.text) : token.text.slice(1, -1);
  }

  #define(): void {
    const name = this.#name('define');
    this.tokens.expect('close', 'define');
    this.#add(
      name,
      this.#outside(() => this.#body('define')),
    );
  }

  /** Inside of a definition neither variables nor loops of the outside exist. */
  #outside(run: () => Nodes): Nodes {
    const before = this.#loops;
    this.#loops = 0;
    const nodes = this.#pipes.scope(run, true);
    this.#loops = before;
    return nodes;
  }

  /** Nodes up to `{{end}}`, which is taken. */
  #body(where: string): Nodes {
    const nodes = this.#nodes(where);
    if (!this.#opens('end')) fault(`\`else\` cannot stand in ${where}`);
    this.tokens.expect('close', 'end');
    return nodes;
  }

  /** Nodes up to `{{end` or `{{else`. */
  #nodes(where: string): Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const { kind } = this.tokens.peek();
      const { kind: nextKind, text } = this.tokens.peek(1);
      if (kind === 'end') fault(`${where} has no end: write the \`end\` action`);
      if (kind === 'open' && nextKind === 'word' && (text === 'end' || text === 'else')) return nodes;
      nodes.push(...this.#input.work.deeper(() => this.#node()));
    }
  }

  #node(): readonly Node[] {
    const { line } = this.tokens;
    if (this.tokens.peek().kind === 'text') return [{ kind: 'text', line, text: this.tokens.next().text }];
    const word = this.tokens.peek(1);
    const parse = word.kind === 'word' ? this.#statements.get(word.text) : undefined;
    this.tokens.expect('open', 'a template');
    if (parse === undefined) return [{ kind: 'action', line, pipe: this.#pipes.action('an action') }];
    this.tokens.next();
    return [parse(line)];
  }

  readonly #statements: ReadonlyMap<string, (line: number) => Node> = new Map<string, (line: number) => Node>([
    ['if', line => this.#branch('if', line)],
    ['with', line => this.#branch('with', line)],
    ['range', line => this.#branch('range', line)],
    ['template', line => this.#call(line)],
    ['block', line => this.#block(line)],
    ['break', line => this.#jump('break', line)],
    ['continue', line => this.#jump('continue', line)],
    ['define', () => fault('`define` cannot stand inside of another action: move it to the outermost level')],
    ['end', () => fault('`end` has nothing to end: take it out')],
    ['else', () => fault('`else` has no `if`, `with` or `range`: take it out')],
  ]);

  #branch(kind: Branch['kind'], line: number): Branch {
    return this.#pipes.scope(() => {
      const pipe = this.#pipes.action(kind);
      if (kind === 'range') this.#loops++;
      const body = this.#pipes.scope(() => this.#nodes(kind));
      if (kind === 'range') this.#loops--;
      return { kind, line, pipe, body, otherwise: this.#pipes.scope(() => this.#otherwise(kind)) };
    });
  }

  /** What follows `body`: `end`, `else … end`, or `else if …`, which shares its `end`. */
  #otherwise(kind: Branch['kind']): Nodes {
    if (this.#opens('end')) {
      this.tokens.expect('close', 'end');
      return [];
    }
    this.tokens.next();
    const { line } = this.tokens.next();
    if (kind !== 'range' && this.tokens.takes('word', kind))
      return [this.#input.work.deeper(() => this.#branch(kind, line))];
    this.tokens.expect('close', 'else');
    return this.#body(`else of ${kind}`);
  }

  #call(line: number): Node {
    const name = this.#name('template');
    if (this.tokens.takes('close')) return { kind: 'template', line, name, pipe: undefined };
    return { kind: 'template', line, name, pipe: this.#pipes.action('template') };
  }

  #block(line: number): Node {
    const name = this.#name('block');
    const pipe = this.#pipes.action('block');
    this.#add(
      name,
      this.#outside(() => this.#body('block')),
    );
    return { kind: 'template', line, name, pipe };
  }

  #jump(kind: 'break' | 'continue', line: number): Node {
    this.tokens.expect('close', kind);
    return this.#loops > 0 ? { kind, line } : fault(`\`${kind}\` stands outside of range`);
  }
}

export const parseTemplate = (input: ParseInput): Definitions => {
  const parser = new Parser(input);
  try {
    parser.template();
  } catch (error) {
    throw error instanceof TemplateFault ? placed(input.name, parser.tokens.line, error.message) : error;
  }
  return parser.definitions;
};
