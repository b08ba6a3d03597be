/**
 * The static seal: a key of 32 bytes that the server finds where its configuration says, so that it opens by itself.
 * Whoever has the key and the storage has everything: it belongs elsewhere than the data. A previous key still opens, so
 * that keys can be changed.
 *
 *     ciphertext: format 1 ‖ nonce 12 ‖ AES-256-GCM ‖ tag 16, additional data: length of key id u16 ‖ key id ‖ context
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Random } from '../../contracts/random.ts';
import type { AutoSeal, Seal, WrappedKey } from '../../contracts/seal.ts';
import { AeadKey, keyBytes, nonceBytes } from '../../platform/crypto/aead.ts';

export interface StaticKey {
  readonly id: string;
  /** `file:///path`, `env://NAME`, or the key itself in hex or standard base64. */
  readonly key: string;
}

export interface StaticSealOptions {
  readonly current: StaticKey;
  readonly previous?: StaticKey;
}

export interface StaticSealPorts {
  readonly random: Random;
  /** What a `file://` or `env://` reference stands for. */
  resolve(reference: string): Promise<Uint8Array>;
}

const wrappedFormat = 1;
const bodyAt = 1 + nonceBytes;
const idBytesLimit = 255;
const referencePattern = /^(?:file|env):\/\//;
const hexPattern = /^[0-9a-fA-F]{64}$/;
const base64Pattern = /^[A-Za-z0-9+/]{43}=?$/;

const utf8 = new TextEncoder();
const latin1 = new TextDecoder('latin1');

const refusal = (message: string): CofferError => new CofferError('usage', message);

const fromText = (source: string, where: string): Uint8Array => {
  const text = source.trim();
  if (hexPattern.test(text)) return Uint8Array.fromHex(text);
  if (base64Pattern.test(text)) return Uint8Array.fromBase64(text);
  throw refusal(`seal "static": ${where} is no key of ${keyBytes} bytes, raw, in hex or in base64`);
};

const load = async ({ key }: StaticKey, field: string, ports: StaticSealPorts): Promise<Uint8Array> => {
  if (!referencePattern.test(key)) return fromText(key, field);
  const bytes = await ports.resolve(key);
  return bytes.length === keyBytes ? bytes : fromText(latin1.decode(bytes), `${field} (${key})`);
};

const checkId = (id: string, field: string): void => {
  const { length } = utf8.encode(id);
  if (length === 0 || length > idBytesLimit)
    throw refusal(`seal "static": ${field} must have 1 to ${idBytesLimit} bytes`);
};

const bound = (keyId: string, context: Uint8Array): Uint8Array => {
  const id = utf8.encode(keyId);
  const aad = new Uint8Array(2 + id.length + context.length);
  aad[1] = id.length;
  aad.set(id, 2);
  aad.set(context, 2 + id.length);
  return aad;
};

class StaticSeal implements AutoSeal {
  readonly #keys = new Map<string, AeadKey>();
  readonly #currentId: string;
  readonly #random: Random;

  constructor(currentId: string, random: Random) {
    this.#currentId = currentId;
    this.#random = random;
  }

  /** Takes the key over and wipes it. */
  add(id: string, key: Uint8Array): void {
    this.#keys.set(id, new AeadKey(key));
    key.fill(0);
  }

  keyId(): string {
    return this.#currentId;
  }

  wrap(plaintext: Uint8Array, context: Uint8Array): Promise<WrappedKey> {
    const nonce = this.#random.bytes(nonceBytes);
    const sealed = this.#key(this.#currentId).seal({ nonce, body: plaintext, aad: bound(this.#currentId, context) });
    const ciphertext = new Uint8Array(bodyAt + sealed.length);
    ciphertext[0] = wrappedFormat;
    ciphertext.set(nonce, 1);
    ciphertext.set(sealed, bodyAt);
    return Promise.resolve({ keyId: this.#currentId, ciphertext });
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async unwrap({ keyId, ciphertext }: WrappedKey, context: Uint8Array): Promise<Uint8Array> {
    if (ciphertext[0] !== wrappedFormat) throw new CofferError('data_corrupt', 'The wrapped root key is damaged.');
    const nonce = ciphertext.subarray(1, bodyAt);
    const aad = bound(keyId, context);
    const plaintext = this.#key(keyId).open({ nonce, body: ciphertext.subarray(bodyAt), aad });
    if (plaintext !== undefined) return plaintext;
    const message = `The root key does not open with key "${keyId}": it is another key, or the record is damaged.`;
    throw new CofferError('data_corrupt', message);
  }

  #key(id: string): AeadKey {
    const key = this.#keys.get(id);
    if (key !== undefined) return key;
    const known = [...this.#keys.keys()].map(one => `"${one}"`).join(', ');
    throw refusal(`seal "static": the root key is wrapped with key "${id}", the configuration names ${known}`);
  }
}

export const openStaticSeal = async (options: StaticSealOptions, ports: StaticSealPorts): Promise<Seal> => {
  const { current, previous } = options;
  checkId(current.id, 'current_key_id');
  const seal = new StaticSeal(current.id, ports.random);
  seal.add(current.id, await load(current, 'current_key', ports));
  if (previous === undefined) return { type: 'static', auto: seal };
  checkId(previous.id, 'previous_key_id');
  if (previous.id === current.id) throw refusal('seal "static": previous_key_id is the same as current_key_id');
  seal.add(previous.id, await load(previous, 'previous_key', ports));
  return { type: 'static', auto: seal };
};

export const shamirSeal: Seal = { type: 'shamir', auto: undefined };
