/**
 * What a command's function works with: its flags and arguments, the connection, and one way to show each kind of result.
 * Results go to standard output and nothing else does; messages and warnings go to standard error.
 */
import type { Answer } from '@coffer/client/answer.ts';
import type { Coffer } from '@coffer/client/client.ts';
import { ServerError } from '@coffer/client/errors.ts';
import type { Request } from '@coffer/client/request.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { toPlain } from '@coffer/schema/json/text.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import type { Tree } from './completion/words.ts';
import type { Flags } from './flags.ts';
import { answerFields, type Field, fieldRows } from './format/answer.ts';
import { cell } from './format/cell.ts';
import { envelope, prettyJson } from './format/json.ts';
import { harmless, keyValue } from './format/table.ts';
import { warningsText } from './format/warnings.ts';
import { formats } from './globals.ts';
import type { Io } from './io.ts';
import { openSession, type Session, Settings } from './session.ts';

export type Format = (typeof formats)[number];

/** Exit codes, beside those of the error record. */
export const exits = { ok: 0, local: 1, nothing: 2 } as const;

export interface Result {
  readonly json: Json;
  /** The whole text of the table format, without the last line end. */
  readonly table: () => string;
  /** What `-field` may ask for. */
  readonly fields?: readonly Field[];
}

const isFormat = (text: string): text is Format => (formats as readonly string[]).includes(text);

export interface Given {
  readonly flags: Flags;
  readonly args: readonly string[];
  /** Every command there is. */
  readonly tree: Tree;
  /** Flags of every command that mean nothing to this one, whatever the environment says. */
  readonly idle?: readonly string[];
}

export class Cx {
  readonly io: Io;
  readonly tree: Tree;
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly settings: Settings;
  readonly format: Format;
  readonly #idle: readonly string[];
  #session: Promise<Session> | undefined;
  /** Warnings of the server that are still to be told: a result that holds them tells them. */
  #untold: readonly string[] = [];
  #toYaml: (value: unknown) => string = () => {
    throw new TypeError('the writer of YAML was not loaded');
  };

  constructor(io: Io, given: Given) {
    this.io = io;
    this.tree = given.tree;
    this.flags = given.flags;
    this.args = given.args;
    this.#idle = given.idle ?? [];
    this.settings = new Settings(given.flags, io);
    const format = (this.settings.text('format') ?? 'table').toLowerCase();
    if (!isFormat(format)) throw new CofferError('usage', `Invalid output format: ${format}`);
    this.format = format;
  }

  /** Loads what the format needs; before anything is shown. */
  async prepare(): Promise<void> {
    if (this.format === 'yaml') this.#toYaml = await this.io.loadYaml();
  }

  arg(at: number): string {
    return this.args[at] ?? '';
  }

  session(): Promise<Session> {
    this.#session ??= openSession(this.flags, this.io);
    return this.#session;
  }

  /** For questions that come before the command's own request. */
  async questions(): Promise<Coffer> {
    return (await this.session()).questions;
  }

  async client(): Promise<Coffer> {
    return (await this.session()).client;
  }

  /** Sends the command's own request, with what the global flags add to it. No warning of the server is lost. */
  async send(request: Request): Promise<Answer> {
    const client = await this.client();
    const wrapTtl = request.wrapTtl ?? this.#wrapTtl;
    try {
      const answer = await client.request({ ...request, wrapTtl, headers: this.#headers() });
      this.#hear(answer);
      return answer;
    } catch (error) {
      if (error instanceof ServerError) this.#hear(error.answer);
      throw error;
    }
  }

  get #wrapTtl(): string | undefined {
    return this.#idle.includes('wrap-ttl') ? undefined : this.settings.text('wrap-ttl');
  }

  #hear({ warnings }: Answer): void {
    this.#untold = [...this.#untold, ...warnings];
    if (!this.#showsEnvelope) this.tellWarnings();
  }

  /** On standard error, what no result has shown. */
  tellWarnings(): void {
    if (this.#untold.length > 0) this.io.err(warningsText(this.#untold));
    this.#untold = [];
  }

  warn(warning: string): void {
    this.io.err(`WARNING! ${warning}\n`);
  }

  /** A line for people: what was done. Other formats have nothing to say. */
  success(message: string): number {
    if (this.format === 'table' || this.format === 'pretty') this.io.out(`Success! ${message}\n`);
    return exits.ok;
  }

  /** Nothing is there: said on standard error, so that a pipe gets nothing. */
  nothing(message: string): number {
    if (this.format === 'table' || this.format === 'pretty') this.io.err(`${message}\n`);
    return exits.nothing;
  }

  /** Nothing is there, and the server may say why: formats for programs get its envelope. */
  absence(answer: Answer | undefined, message: string): number {
    if (answer !== undefined && this.#showsEnvelope) this.answer(answer);
    return this.nothing(message);
  }

  /** The envelope, or its fields as a table. */
  answer(answer: Answer): number {
    if (this.format === 'raw') {
      this.#untold = [];
      this.io.out(answer.bytes());
      return exits.ok;
    }
    if (isText(answer)) return this.#text(answer);
    const fields = answerFields(answer);
    if (fields.length === 0 && this.format === 'table' && this.#field === undefined) return exits.ok;
    return this.result({ json: envelope(answer.body), table: () => keyValue(fieldRows(fields)), fields });
  }

  /** What is answered as text, such as metrics for Prometheus. */
  #text(answer: Answer): number {
    if (this.#showsEnvelope)
      throw new CofferError('usage', `The answer is text and not shown as ${this.format}: use -format=raw`);
    if (this.#field !== undefined) return this.#oneField(this.#field, []);
    this.io.out(harmless(new TextDecoder().decode(answer.bytes())));
    return exits.ok;
  }

  result(result: Result): number {
    if (this.#field !== undefined) return this.#oneField(this.#field, result.fields ?? []);
    if (holdsWarnings(result.json)) this.#untold = [];
    if (this.format === 'json') this.io.out(`${prettyJson(result.json)}\n`);
    else if (this.format === 'yaml') this.io.out(this.#toYaml(toPlain(result.json)));
    else if (this.format === 'raw') throw new CofferError('usage', 'Invalid output format: raw is for "read"');
    else if (this.format === 'pretty') this.io.out(`${prettyJson(prettyPart(result.json))}\n`);
    else this.io.out(`${result.table()}\n`);
    return exits.ok;
  }

  get #showsEnvelope(): boolean {
    return this.format !== 'table' && this.format !== 'pretty' && this.#field === undefined;
  }

  get #field(): string | undefined {
    const name = this.flags.text('field');
    return name === '' ? undefined : name;
  }

  #oneField(name: string, fields: readonly Field[]): number {
    const found = fields.find(([one]) => one === name || one === `${name}:`);
    if (found === undefined) throw new CofferError('usage', `Field "${name}" not present in secret`);
    const [, value] = found;
    if (this.format === 'json') this.io.out(`${prettyJson(value)}\n`);
    else if (this.format === 'yaml') this.io.out(this.#toYaml(toPlain(value)));
    else this.io.out(cell(value));
    return exits.ok;
  }

  #headers(): ReadonlyMap<string, string> {
    const headers = new Map<string, string>();
    const factors = this.flags.list('mfa') ?? [this.settings.text('mfa') ?? ''].filter(one => one !== '');
    if (factors.length > 0) headers.set('x-vault-mfa', factors.join(','));
    if (this.settings.bool('policy-override')) headers.set('x-vault-policy-override', 'true');
    return headers;
  }
}

const isText = (answer: Answer): boolean => answer.headers.get('content-type')?.startsWith('text/') === true;

const holdsWarnings = (json: Json): boolean =>
  json instanceof Map && (json as ReadonlyMap<string, Json>).has('warnings');

const prettyPart = (json: Json): Json => {
  const data = json instanceof Map ? (json as ReadonlyMap<string, Json>).get('data') : undefined;
  return data === undefined || data === null ? json : data;
};
