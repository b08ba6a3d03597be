/**
 * Data on the command line: `k=v`, `k=@file`, `k=-` (standard input), `@file` and `-` (a JSON object), `\@x` for a value
 * that begins with `@`. A repeated key becomes a list. Messages name the key or file, never a value.
 */
import { scanJson } from '@coffer/schema/json/scan.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Io } from './io.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

const refuse = (message: string): never => {
  throw new CofferError('usage', message);
};

export class DataArgs {
  readonly #io: Io;
  #usedInput = false;

  constructor(io: Io) {
    this.#io = io;
  }

  async read(args: readonly string[]): Promise<ReadonlyMap<string, Out>> {
    const data = new Map<string, Out>();
    for (const argument of args) await this.#add(data, argument);
    return data;
  }

  /** `-`: standard input, `@file`: the file, anything else: itself. */
  async value(given: string, what: string): Promise<string> {
    if (given === '-') return textOf(await this.#input(), what);
    if (given.startsWith('@')) return textOf(await this.#file(given.slice(1)), what);
    return given.startsWith('\\@') ? given.slice(1) : given;
  }

  async #add(data: Map<string, Out>, argument: string): Promise<void> {
    if (argument === '-') return addObject(data, await this.#input(), 'standard input');
    if (argument.startsWith('@')) return addObject(data, await this.#file(argument.slice(1)), argument.slice(1));
    const at = argument.indexOf('=');
    if (at < 1) refuse('expected KEY=VALUE, KEY=@FILE, KEY=-, @FILE or -');
    const key = argument.slice(0, at);
    const before = data.get(key);
    const value = await this.value(argument.slice(at + 1), key);
    data.set(key, before === undefined ? value : [...(Array.isArray(before) ? (before as Out[]) : [before]), value]);
  }

  async #input(): Promise<Uint8Array> {
    if (this.#usedInput) refuse('standard input can be read once only');
    this.#usedInput = true;
    return this.#io.terminal.readAll();
  }

  async #file(path: string): Promise<Uint8Array> {
    return (await this.#io.files.read(path)) ?? refuse(`${path}: no such file`);
  }
}

const textOf = (bytes: Uint8Array, what: string): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    return refuse(`${what}: not UTF-8 text; encode binary values, for example with base64`);
  }
};

const addObject = (data: Map<string, Out>, bytes: Uint8Array, what: string): void => {
  let object: RawJson;
  try {
    object = scanJson(bytes);
  } catch (error) {
    throw new CofferError('usage', `${what}: ${error instanceof CofferError ? error.publicMessage : 'not JSON'}`);
  }
  if (object.type !== 'object') refuse(`${what}: expected a JSON object`);
  for (const [name, value] of object.members()) data.set(name, value);
};
