/** Walks the tree of a template and collects what it writes. */
import { Evaluator } from './evaluator.ts';
import { show } from './format/show.ts';
import type { Functions } from './function.ts';
import type { Branch, Definitions, Node, Nodes, Pipe } from './tree.ts';
import { Dict, Int, isTrue, List, type Value } from './value.ts';
import { fault, type Work } from './work.ts';

type Jump = 'break' | 'continue' | undefined;

export class Executor {
  readonly #definitions: Definitions;
  readonly #work: Work;
  readonly #evaluator: Evaluator;
  readonly #written: string[] = [];
  #length = 0;

  constructor(input: { definitions: Definitions; functions: Functions; work: Work }) {
    this.#definitions = input.definitions;
    this.#work = input.work;
    this.#evaluator = new Evaluator(input.functions, input.work);
  }

  get line(): number {
    return this.#evaluator.line;
  }

  run(name: string, dot: Value): string {
    this.#template(name, dot);
    return this.#written.join('');
  }

  #template(name: string, dot: Value): void {
    const nodes = this.#definitions.get(name) ?? fault(`no template ${JSON.stringify(name)} is defined`);
    this.#work.deeper(() => this.#evaluator.fresh(dot, () => void this.#nodes(nodes, dot)));
  }

  #write(text: string): void {
    this.#length += text.length;
    if (this.#length > this.#work.limits.outputBytes)
      fault(`writes more than ${this.#work.limits.outputBytes} bytes (limit outputBytes): make the result smaller`);
    this.#written.push(text);
  }

  #nodes(nodes: Nodes, dot: Value): Jump {
    for (const node of nodes) {
      const jump = this.#node(node, dot);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  #node(node: Node, dot: Value): Jump {
    this.#work.step();
    this.#evaluator.line = node.line;
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return undefined;
      case 'action':
        this.#action(node.pipe, dot);
        return undefined;
      case 'template':
        this.#template(node.name, node.pipe === undefined ? null : this.#evaluator.pipe(node.pipe, dot));
        return undefined;
      case 'break':
      case 'continue':
        return node.kind;
      default:
        return this.#evaluator.scope(() => (node.kind === 'range' ? this.#range(node, dot) : this.#branch(node, dot)));
    }
  }

  #action(pipe: Pipe, dot: Value): void {
    const value = this.#evaluator.pipe(pipe, dot);
    if (pipe.variables.length === 0) this.#write(value === null ? '<no value>' : show(value, this.#work));
  }

  #branch({ kind, pipe, body, otherwise }: Branch, dot: Value): Jump {
    const value = this.#evaluator.pipe(pipe, dot);
    if (!isTrue(value)) return this.#nodes(otherwise, dot);
    return this.#nodes(body, kind === 'with' ? value : dot);
  }

  #range({ pipe, body, otherwise }: Branch, dot: Value): Jump {
    const value = this.#evaluator.pipe(pipe, dot);
    let ran = false;
    for (const [index, item] of this.#pairs(value, pipe)) {
      ran = true;
      this.#work.step();
      this.#set(pipe, index, item);
      if (this.#evaluator.scope(() => this.#nodes(body, item)) === 'break') break;
    }
    return ran ? undefined : this.#nodes(otherwise, dot);
  }

  #set({ variables: [first, second] }: Pipe, index: Value, item: Value): void {
    if (first !== undefined) this.#evaluator.assign(first, second === undefined ? item : index);
    if (second !== undefined) this.#evaluator.assign(second, item);
  }

  *#pairs(value: Value, { variables }: Pipe): Generator<readonly [Value, Value]> {
    if (value instanceof Dict) yield* value.sorted();
    else if (value instanceof List) for (const [at, item] of value.items.entries()) yield [new Int(at), item];
    else if (value instanceof Int) {
      if (variables.length > 1) fault('range over a number has one variable');
      for (let at = 0n; at < value.value; at++) yield [null, new Int(at, value.kind)];
    } else if (value !== null) fault('range needs a list, a map or a whole number');
  }
}
