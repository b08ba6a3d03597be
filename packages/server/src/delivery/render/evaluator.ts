/** Evaluates pipelines: variables, fields, function calls, by the rules of Go. */
import { textOfString } from './bytes.ts';
import { type Functions, misfit, type Parameter, type TemplateFunction } from './function.ts';
import type { Command, NumberLiteral, Operand, Pipe } from './tree.ts';
import { Dict, Int, isTrue, List, typeName, type Value } from './value.ts';
import { fault, itemBytes, TemplateFault, type Work } from './work.ts';

interface Variable {
  readonly name: string;
  value: Value;
}

export class Evaluator {
  readonly #functions: Functions;
  readonly #work: Work;
  /** The variables of the template that runs, innermost last; `$` is the first. */
  #variables: Variable[] = [];
  /** The line reached, for failures. */
  line = 1;

  constructor(functions: Functions, work: Work) {
    this.#functions = functions;
    this.#work = work;
  }

  /** Runs a template of its own: it sees no variable of the one that calls it. */
  fresh(root: Value, run: () => void): void {
    const before = this.#variables;
    this.#variables = [{ name: '$', value: root }];
    run();
    this.#variables = before;
  }

  /** Variables made in `run` end with it. */
  scope<T>(run: () => T): T {
    const mark = this.#variables.length;
    const result = run();
    this.#variables.length = mark;
    return result;
  }

  pipe(pipe: Pipe, dot: Value): Value {
    this.line = pipe.line;
    let value: Value | undefined;
    for (const command of pipe.commands) value = this.#command(command, dot, value);
    const result = value ?? null;
    for (const name of pipe.variables) {
      if (pipe.assigns) this.assign(name, result);
      else this.#variables.push({ name, value: result });
    }
    return result;
  }

  assign(name: string, value: Value): void {
    this.#variable(name).value = value;
  }

  #variable(name: string): Variable {
    this.#work.step(this.#variables.length >> 4);
    return this.#variables.findLast(each => each.name === name) ?? fault(`no variable ${name} here`);
  }

  /** `last`: the value of the command before, undefined for the first. */
  #command(command: Command, dot: Value, last: Value | undefined): Value {
    this.#work.step();
    const [first, ...args] = command;
    if (first === undefined) return null;
    if (first.kind === 'function') return this.#call(first.name, { args, dot, last });
    if (args.length > 0 || last !== undefined) fault('a value that is no function cannot take arguments');
    return first.kind === 'nil' ? fault('nil cannot stand alone: give it to a function') : this.#operand(first, dot);
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'literal':
      case 'number':
        return operand.value;
      case 'field':
        return this.#fields(dot, operand.names);
      case 'variable':
        return this.#fields(this.#variable(operand.name).value, operand.names);
      case 'function':
        return this.#call(operand.name, { args: [], dot, last: undefined });
      case 'chain':
        return operand.of.kind === 'nil'
          ? fault('nil has no fields')
          : this.#fields(this.#operand(operand.of, dot), operand.names);
      default:
        return this.#work.deeper(() => this.pipe(operand.pipe, dot));
    }
  }

  #fields(of: Value, names: readonly string[]): Value {
    let value = of;
    for (const name of names) value = this.#field(value, name);
    return value;
  }

  #field(of: Value, name: string): Value {
    this.#work.step();
    const shown = textOfString(name);
    if (!(of instanceof Dict)) return fault(`no field .${shown} in a value of type ${typeName(of)}`);
    if (of.entries.has(name)) return of.get(name);
    return fault(`no key "${shown}" in the data: add it to the source, or correct the name`);
  }

  #call(name: string, call: { args: readonly Operand[]; dot: Value; last: Value | undefined }): Value {
    if (name === 'and' || name === 'or') return this.#logic(name, call);
    const wanted = this.#functions.get(name);
    if (wanted === undefined) return fault(`function "${name}" is not available in this version`);
    this.#checkCount(name, wanted, call.args.length + (call.last === undefined ? 0 : 1));
    const args = call.args.map((operand, at) => this.#argument(operand, call.dot, this.#expected(name, wanted, at)));
    if (call.last !== undefined) args.push(take(call.last, this.#expected(name, wanted, args.length)));
    for (const value of args) this.#work.step(1 + weightOf(value));
    const made = inFunction(name, () => wanted.run(args as never[], this.#work));
    this.#work.make(typeof made === 'string' ? made.length : made instanceof List ? made.items.length * itemBytes : 1);
    return made;
  }

  /** Stops at the first argument that decides. */
  #logic(name: string, { args, dot, last }: { args: readonly Operand[]; dot: Value; last: Value | undefined }): Value {
    if (args.length === 0 && last === undefined) return fault(`function ${name} needs an argument`);
    let value: Value = null;
    for (const operand of args) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return last ?? (last === null ? null : value);
  }

  #checkCount(name: string, { parameters, rest }: TemplateFunction, given: number): void {
    const wanted = parameters.length;
    if (given < wanted || (given > wanted && rest === undefined))
      fault(`function ${name} takes ${rest === undefined ? '' : 'at least '}${wanted} arguments, not ${given}`);
  }

  #expected(name: string, { parameters, rest }: TemplateFunction, at: number): Expected {
    const parameter = parameters[at] ?? rest;
    return parameter === undefined ? fault(`function ${name} takes fewer arguments`) : { parameter, name, at };
  }

  #argument(operand: Operand, dot: Value, expected: Expected): unknown {
    if (operand.kind === 'number') return take(literalFor(operand, expected.parameter), expected);
    if (operand.kind === 'nil' && expected.parameter.take(null) === undefined)
      fault(`argument ${expected.at + 1} of ${expected.name} cannot be nil`);
    return take(this.#operand(operand, dot), expected);
  }
}

interface Expected {
  readonly parameter: Parameter<unknown>;
  readonly name: string;
  readonly at: number;
}

/** Looking at an argument costs by its size: functions may compare, search or copy it. */
const weightOf = (value: unknown): number => {
  if (typeof value === 'string') return value.length >> 8;
  if (value instanceof List) return value.items.length >> 3;
  return value instanceof Dict ? value.entries.size >> 3 : 0;
};

const take = (value: Value, { parameter, name, at }: Expected): unknown => {
  const taken = parameter.take(value);
  return taken === undefined ? fault(`argument ${at + 1} of ${name} ${misfit(parameter, value)}`) : taken;
};

/** A literal has no type yet: a whole float serves as int, a whole number as float. */
const literalFor = ({ value, whole, float }: NumberLiteral, { type }: Parameter<unknown>): Value => {
  if (type === 'int' && whole !== undefined) return new Int(whole);
  return type === 'float64' && float !== undefined ? float : value;
};

const inFunction = (name: string, run: () => Value): Value => {
  try {
    return run();
  } catch (error) {
    throw error instanceof TemplateFault && !error.message.startsWith('function ')
      ? new TemplateFault(`function ${name}: ${error.message}`)
      : error;
  }
};
