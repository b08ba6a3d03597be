/**
 * Functions that need something of the outside: YAML, digests, randomness. Whoever renders hands it in and gets a table to
 * put beside `sprigFunctions`; a template that names a function of a table not put there fails when it is compiled.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import type { Random } from '../../../contracts/random.ts';
import { bytesOfString, stringOfBytes, stringOfText, textOfString } from '../bytes.ts';
import { any, fixed, type Functions, int, string, type TemplateFunction } from '../function.ts';
import { Dict } from '../value.ts';
import { fault, type Work } from '../work.ts';
import { base64Of } from './encoding.ts';
import { jsonOfValue, valueOfJson } from './json-values.ts';

type Table = readonly (readonly [string, TemplateFunction])[];

/** YAML as the values JSON has. `read` throws `CofferError` where the text is no YAML. */
export interface Yaml {
  read(text: string): Json;
  /** In block style, two spaces per level. */
  write(json: Json): string;
}

const withoutLastNewline = (text: string): string => (text.endsWith('\n') ? text.slice(0, -1) : text);

const readYaml = (yaml: Yaml, text: string, work: Work): Dict => {
  work.step(text.length >> 4);
  const json = parsed(yaml, text);
  const value = json === null ? new Dict() : valueOfJson(json, work);
  return value instanceof Dict ? value : fault('the text is YAML, but no map: look at what the source holds');
};

/** The reader's own message may hold a piece of the text. */
const parsed = (yaml: Yaml, text: string): Json => {
  try {
    return yaml.read(textOfString(text));
  } catch (error) {
    if (error instanceof CofferError) return fault('the text is not YAML: look at what the source holds');
    throw error;
  }
};

export const yamlFunctions = (yaml: Yaml): Functions => {
  const write = fixed([any], ([value], work) => withoutLastNewline(stringOfText(yaml.write(jsonOfValue(value, work)))));
  const read = fixed([string], ([text], work) => readYaml(yaml, text, work));
  return new Map<string, TemplateFunction>([
    ['toYaml', write],
    ['fromYaml', read],
  ]);
};

export type DigestName = 'sha1' | 'sha256' | 'sha512';
export type Digest = (name: DigestName, bytes: Uint8Array) => Uint8Array;

const digests: readonly DigestName[] = ['sha1', 'sha256', 'sha512'];

/** `sha256sum` and its like: hexadecimal. */
export const digestFunctions = (digest: Digest): Functions =>
  new Map(
    digests.map(name => [
      `${name}sum`,
      fixed([string], ([text]) => {
        const bytes = digest(name, bytesOfString(text));
        return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
      }),
    ]),
  );

const digits = '0123456789';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('');

/** Every letter of the alphabet is as likely as any other: bytes beyond the last whole multiple are thrown away. */
const randomText = (random: Random, alphabet: string, { count, work }: { count: number; work: Work }): string => {
  if (count < 0) fault('the count is negative');
  work.make(count * 2);
  const fair = 256 - (256 % alphabet.length);
  let made = '';
  while (made.length < count) {
    const bytes = random.bytes(count - made.length);
    work.step(bytes.length);
    for (const byte of bytes) if (byte < fair) made += alphabet.charAt(byte % alphabet.length);
  }
  return made;
};

const base64Text = (random: Random, count: number, work: Work): string => {
  if (count < 0) fault('the count is negative');
  work.make(count * 2);
  return base64Of(stringOfBytes(random.bytes(count)), work);
};

/** Every rendering makes new ones. */
export const randomFunctions = (random: Random): Functions => {
  const alphabets: readonly (readonly [string, string])[] = [
    ['randNumeric', digits],
    ['randAlpha', letters],
    ['randAlphaNum', letters + digits],
    ['randAscii', printable],
  ];
  const texts: Table = alphabets.map(([name, alphabet]) => [
    name,
    fixed([int], ([count], work) => randomText(random, alphabet, { count, work })),
  ]);
  return new Map<string, TemplateFunction>([
    ...texts,
    ['randBytes', fixed([int], ([count], work) => base64Text(random, count, work))],
    ['uuidv4', fixed([], () => random.uuid())],
  ]);
};
