/** `seal`: none or one. Keys are taken apart here, and never stand in a message. */
import { Secret } from '@coffer/schema/secret.ts';
import type { KeySource, SealSettings, StaticKey } from './configuration.ts';
import type { Environment } from './environment.ts';
import { BadValue, type Report } from './problem.ts';
import type { Placed } from './settings.ts';
import { converted, readStanzas, type Stanza } from './stanza.ts';

const form = { name: 'seal', labels: 1, bodyOf: (type: string): string => `seal ${type}` };
const expected = '32 bytes, in base64 or hexadecimal';

/** Both forms hold 32 bytes, by their length. */
const fromHex = (text: string): Uint8Array | undefined =>
  /^[0-9a-fA-F]{64}$/.test(text) ? Uint8Array.fromHex(text) : undefined;
const fromBase64 = (text: string): Uint8Array | undefined =>
  /^[A-Za-z0-9+/]{43}=?$/.test(text) ? Uint8Array.fromBase64(text.slice(0, 43).concat('=')) : undefined;

const decodeText = (given: string): Secret | undefined => {
  const text = given.trim();
  const bytes = fromHex(text) ?? fromBase64(text);
  return bytes === undefined ? undefined : Secret.of(bytes);
};

const fromEnvironment = (name: string, env: Environment): KeySource => {
  const text = env.named(name);
  if (text === undefined) throw new BadValue('the environment variable it names is not set');
  const secret = decodeText(text);
  if (secret === undefined) throw new BadValue(`the environment variable it names must hold ${expected}`);
  return { secret };
};

const keySource = (text: string, env: Environment): KeySource => {
  if (text.startsWith('env://')) return fromEnvironment(text.slice('env://'.length), env);
  if (text.startsWith('file://')) {
    const file = text.slice('file://'.length);
    if (!file.startsWith('/')) throw new BadValue('expected file:// and an absolute path');
    return { file };
  }
  const secret = decodeText(text);
  if (secret === undefined) throw new BadValue(`expected file:///path, env://NAME, or ${expected}`);
  return { secret };
};

interface Reading {
  readonly env: Environment;
  readonly report: Report;
}

const warnLiteral = (stanza: Stanza, key: string, report: Report): void => {
  const setting = stanza.settings.setting(key);
  if (setting === undefined || typeof setting.value !== 'string' || /^(?:env|file):\/\//.test(setting.value)) return;
  report.add(
    'warning',
    setting.origin,
    `"${key}" stands in the configuration in clear: use file:///path with a file only the server can read`,
  );
};

const keyOf = (stanza: Stanza, which: 'current' | 'previous', { env, report }: Reading): StaticKey | undefined => {
  const { settings, origin } = stanza;
  const id = settings.text(`${which}_key_id`);
  const key = converted({ settings, report }, `${which}_key`, text => keySource(text, env));
  if (settings.setting(`${which}_key`) === undefined && (id !== undefined || which === 'current')) {
    report.add('error', origin, `seal "static": "${which}_key" must be set`);
  }
  if ((id === undefined || id === '') && (settings.setting(`${which}_key`) !== undefined || which === 'current')) {
    report.add('error', origin, `seal "static": "${which}_key_id" must be set`);
  }
  if (key !== undefined) warnLiteral(stanza, `${which}_key`, report);
  return id === undefined || id === '' || key === undefined ? undefined : { id, key };
};

const settingsOf = (stanza: Stanza, reading: Reading): SealSettings | undefined => {
  if (stanza.type === 'shamir') return { type: 'shamir' };
  const current = keyOf(stanza, 'current', reading);
  const previous = keyOf(stanza, 'previous', reading);
  if (current !== undefined && current.id === previous?.id) {
    reading.report.add('error', stanza.origin, 'seal "static": the two keys need two ids');
  }
  return current === undefined ? undefined : { type: 'static', current, previous };
};

/** `SEAL_TYPE` of the environment can only name the seal that is configured, or `shamir` where none is. */
const checkEnvironment = (type: string, { env, report }: Reading): void => {
  const asked = env.get('SEAL_TYPE');
  if (asked === undefined || asked.value === '' || asked.value === type) return;
  report.add('error', asked.origin, 'names another seal than the configuration: add that seal block, or unset it');
};

export const readSeal = (items: readonly Placed[], reading: Reading): SealSettings | undefined => {
  const { report } = reading;
  const stanzas = readStanzas(items, form, report);
  const [first, second] = stanzas;
  if (second !== undefined) report.add('error', second.origin, 'only one "seal" block is permitted');
  checkEnvironment(first?.type ?? 'shamir', reading);
  if (first === undefined) return items.length === 0 ? { type: 'shamir' } : undefined;
  return settingsOf(first, reading);
};
