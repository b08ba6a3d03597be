/** Reading the fields of a kubeconfig: every fault names the file and the field, and never what stands there. */
import { isAbsolute, resolve, dirname } from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';

export class Fields {
  readonly #file: string;
  readonly #where: string;
  readonly #record: { readonly [name: string]: unknown };

  /** `where`: what stands before the field's name in faults, with its point. */
  constructor(file: string, where: string, record: unknown) {
    this.#file = file;
    this.#where = where;
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      throw this.fault('', where === '' ? 'it holds no fields' : 'it must hold fields');
    this.#record = record as { readonly [name: string]: unknown };
  }

  /** File and field, for messages. */
  placeOf(name: string): string {
    const field = `${this.#where}${name}`.replace(/\.$/, '');
    return field === '' ? this.#file : `${this.#file}: ${field}`;
  }

  /** The error of a field. */
  fault(name: string, what: string): CofferError {
    return new CofferError('usage', `${this.placeOf(name)}: ${what}`);
  }

  /** Text that is not empty. */
  text(name: string): string | undefined {
    const value = this.#record[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw this.fault(name, 'it must be text: put it in quotes');
    return value;
  }

  /** As `text`, where there must be one. */
  need(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.fault(name, 'it is missing');
    return value;
  }

  flag(name: string): boolean {
    const value = this.#record[name] ?? false;
    if (typeof value !== 'boolean') throw this.fault(name, 'it must be true or false');
    return value;
  }

  texts(name: string): readonly string[] {
    const value = this.#record[name] ?? [];
    if (!Array.isArray(value) || value.some(item => typeof item !== 'string'))
      throw this.fault(name, 'it must be a list of texts');
    return value as readonly string[];
  }

  /** Base64. */
  bytes(name: string): Uint8Array | undefined {
    const text = this.text(name)?.replaceAll(/\s/g, '');
    if (text === undefined) return undefined;
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw this.fault(name, 'it must be base64');
    return Buffer.from(text, 'base64');
  }

  /** A place on this machine, seen from the folder of the file. */
  path(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || isAbsolute(value)) return value;
    return resolve(dirname(this.#file), value);
  }

  has(name: string): boolean {
    return this.#record[name] !== undefined && this.#record[name] !== null;
  }

  inner(name: string): Fields | undefined {
    return this.has(name) ? new Fields(this.#file, `${this.#where}${name}.`, this.#record[name]) : undefined;
  }

  list(name: string): readonly Fields[] {
    const value = this.#record[name] ?? [];
    if (!Array.isArray(value)) throw this.fault(name, 'it must be a list');
    return value.map((item, at) => new Fields(this.#file, `${this.#where}${name}[${at}].`, item));
  }

  /** name → texts, as `as-user-extra`. */
  groups(name: string): ReadonlyMap<string, readonly string[]> {
    const inner = this.inner(name);
    return new Map(Object.keys(inner === undefined ? {} : inner.#record).map(key => [key, inner?.texts(key) ?? []]));
  }
}
