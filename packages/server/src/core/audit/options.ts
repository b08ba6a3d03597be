/**
 * The options of an audit device, once: the configuration and `sys/audit` take the same ones. Promises: an option that
 * is accepted is in force. One that is known and not offered passes only with the value that says what holds anyway.
 */
import { CofferError } from '@coffer/schema/errors.ts';

export interface AuditOption {
  readonly name: string;
  readonly kind: 'text' | 'bool';
  readonly honoured: boolean;
  /** Honoured: what it does, and its default. Else: why not, and what to do. */
  readonly note: string;
  /** Values of an option that is not honoured which say what holds anyway. */
  readonly harmless: readonly string[];
}

const honoured = (name: string, note: string): AuditOption => ({
  name,
  kind: 'text',
  honoured: true,
  note,
  harmless: [],
});

type NotOffered = readonly [name: string, kind: AuditOption['kind'], note: string, harmless: string];

const notOffered = (...[name, kind, note, harmless]: NotOffered): AuditOption => ({
  name,
  kind,
  honoured: false,
  note,
  harmless: [harmless],
});

/** Of a device of type `file`, the only one. */
export const fileOptions: readonly AuditOption[] = [
  honoured('file_path', 'a path, `stdout` or `discard`; required'),
  honoured('path', 'older name of `file_path`'),
  honoured('mode', 'permissions of a new file, octal; default 0600'),
  notOffered('log_raw', 'bool', 'secret values are always hashed: remove it, or set it to false', 'false'),
  notOffered('hmac_accessor', 'bool', 'accessors are always hashed: remove it, or set it to true', 'true'),
  notOffered('elide_list_responses', 'bool', 'lists are always whole: remove it, or set it to false', 'false'),
  notOffered('prefix', 'text', 'records are plain lines of JSON: remove it', ''),
  notOffered('format', 'text', 'records are lines of JSON: remove it, or set it to "json"', 'json'),
];

const byName: ReadonlyMap<string, AuditOption> = new Map(fileOptions.map(option => [option.name, option]));

export interface FileOptions {
  readonly filePath: string;
  /** Permission bits of a file that is made. */
  readonly mode: number;
}

export const defaultFileMode = 0o600;
const nameShownLimit = 64;

/** Permission bits in octal; `0` leaves the default. Undefined where the text is none. */
export const fileMode = (text: string): number | undefined => {
  if (text === '0' || text === '0000') return defaultFileMode;
  return /^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : undefined;
};

/** Throws where an option is unknown, would not be in force, or says nothing usable. */
export const readFileOptions = (options: ReadonlyMap<string, string>): FileOptions => {
  for (const [name, value] of options) refuseIdle(name, value);
  const filePath = options.get('file_path') ?? options.get('path') ?? '';
  if (filePath === '') throw refusal('file_path is required');
  const mode = fileMode(options.get('mode') ?? '0');
  if (mode === undefined) throw refusal('mode: expected octal permissions such as 0600');
  return { filePath, mode };
};

const refuseIdle = (name: string, value: string): void => {
  const option = byName.get(name);
  if (option === undefined)
    throw refusal(`unknown option "${name.slice(0, nameShownLimit)}" of an audit device of type file`);
  if (!option.honoured && !option.harmless.includes(value)) throw refusal(`${name}: ${option.note}`);
};

const refusal = (message: string): CofferError => new CofferError('invalid_request', message);
