/** From what a store answered to the bytes and keys of a Secret: keys made fit, values decoded. Pure. */
import { CofferError } from '@coffer/schema/errors.ts';

export type ConversionStrategy = 'Default' | 'Unicode';
export type DecodingStrategy = 'None' | 'Base64' | 'Base64URL' | 'Auto';
export type NullBytePolicy = 'Ignore' | 'Fail';

/** Longest key of a Secret. */
const keyLimit = 253;
const fitKey = /^[-._a-zA-Z0-9]+$/;
const unfitCharacter = /[^\p{L}\p{N}_.-]/gu;

const unicodeText = (character: string): string =>
  `_U${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}_`;

/** What no key may have becomes `_`, or its number. */
export const convertedKey = (key: string, strategy: ConversionStrategy): string =>
  key.replace(unfitCharacter, character => (strategy === 'Unicode' ? unicodeText(character) : '_'));

/** Throws `invalid_request` for what cannot be a key of a Secret. `where` names the entry. */
export const checkKey = (key: string, where: string): void => {
  if (fitKey.test(key) && key.length <= keyLimit) return;
  throw new CofferError(
    'invalid_request',
    `${where}: a key in it cannot be a key of a Secret: letters, digits, "-", "_" and "." only, at most ${keyLimit} characters`,
  );
};

/** Key of the Secret → name in the store. Throws `invalid_request` also where two names become one key. */
export const convertedKeys = (
  names: readonly string[],
  strategy: ConversionStrategy,
  where: string,
): ReadonlyMap<string, string> => {
  const keys = new Map<string, string>();
  for (const name of names) {
    const key = convertedKey(name, strategy);
    checkKey(key, where);
    if (keys.has(key))
      throw new CofferError(
        'invalid_request',
        `${where}: two names in it become the key "${key}": rename one, or set conversionStrategy to Unicode`,
      );
    keys.set(key, name);
  }
  return keys;
};

const utf8 = new TextDecoder();

interface Base64 {
  readonly alphabet: 'base64' | 'base64url';
  readonly padding: 'strict' | 'loose';
}

const plain: Base64 = { alphabet: 'base64', padding: 'strict' };
const url: Base64 = { alphabet: 'base64url', padding: 'strict' };

/** Line breaks are left out, as Go's decoder does; anything else that is no base64 is refused. */
const fromBase64 = (bytes: Uint8Array, { alphabet, padding }: Base64): Uint8Array | undefined => {
  const text = utf8.decode(bytes).replace(/[\r\n]/g, '');
  if (/\s/.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text, { alphabet, lastChunkHandling: padding });
  } catch {
    return undefined;
  }
};

const undecodable = (where: string, strategy: DecodingStrategy): CofferError =>
  new CofferError('invalid_request', `${where}: the value is not ${strategy}, as decodingStrategy says it is`);

/** Throws `invalid_request` where the value is not what the strategy says. */
export const decodedValue = (value: Uint8Array, strategy: DecodingStrategy, where: string): Uint8Array => {
  if (strategy === 'None') return value;
  if (strategy === 'Auto') return fromBase64(value, plain) ?? fromBase64(value, url) ?? value;
  // Who names the alphabet of tokens may mean them without padding; a guess must not.
  const decoded = fromBase64(value, strategy === 'Base64' ? plain : { ...url, padding: 'loose' });
  if (decoded === undefined) throw undecodable(where, strategy);
  return decoded;
};

export const checkNullByte = (value: Uint8Array, policy: NullBytePolicy, where: string): void => {
  if (policy === 'Fail' && value.includes(0))
    throw new CofferError('invalid_request', `${where}: the value holds a byte 0, and nullBytePolicy is Fail`);
};
