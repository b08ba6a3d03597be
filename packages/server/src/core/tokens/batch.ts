/**
 * Batch tokens carry themselves: the token's record, sealed under a key of the store (AES-256-GCM), is its text. Nothing
 * is stored of them, so they cannot be renewed or revoked; they die with their parent.
 *
 * Text: `cofb.` ‖ base64url(format byte 1 ‖ nonce 12 ‖ ciphertext ‖ tag 16); AAD is the prefix and the format byte.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Random } from '../../contracts/random.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import { AeadKey, keyBytes, nonceBytes } from '../../platform/crypto/aead.ts';
import { base64Url, fromBase64Url } from '../base64-url.ts';
import { batchPrefix } from './format.ts';
import { ownSecret } from './own-secret.ts';
import { tokenShape } from './shape.ts';
import type { Token } from './token.ts';

const format = 1;
const keyName = 'token/batch-key';
const aad = new Uint8Array([...new TextEncoder().encode(batchPrefix), format]);

export class BatchTokens {
  readonly #storage: MountStorage;
  readonly #random: Random;
  #key: AeadKey | undefined;

  constructor(storage: MountStorage, random: Random) {
    this.#storage = storage;
    this.#random = random;
  }

  /** Reads the key, or makes one the first time. */
  async load(): Promise<void> {
    const key = await ownSecret(this.#storage, keyName, () => this.#random.bytes(keyBytes));
    this.#key = new AeadKey(key);
  }

  unload(): void {
    this.#key = undefined;
  }

  seal(token: Token): string {
    const body = new TextEncoder().encode(JSON.stringify(tokenShape.encode(token)));
    const nonce = this.#random.bytes(nonceBytes);
    const sealed = this.#loaded().seal({ nonce, body, aad });
    const bytes = new Uint8Array(1 + nonceBytes + sealed.length);
    bytes[0] = format;
    bytes.set(nonce, 1);
    bytes.set(sealed, 1 + nonceBytes);
    return batchPrefix + bytes.toBase64(base64Url);
  }

  /** The token inside, or undefined where this store did not make it. */
  open(text: string): Token | undefined {
    const bytes = decoded(text.slice(batchPrefix.length));
    if (bytes === undefined || bytes[0] !== format || bytes.length < 1 + nonceBytes) return undefined;
    const nonce = bytes.subarray(1, 1 + nonceBytes);
    const opened = this.#loaded().open({ nonce, body: bytes.subarray(1 + nonceBytes), aad });
    return opened === undefined ? undefined : tokenShape.decode(JSON.parse(new TextDecoder().decode(opened)));
  }

  #loaded(): AeadKey {
    if (this.#key === undefined) throw new CofferError('sealed', 'Vault is sealed');
    return this.#key;
  }
}

const decoded = (text: string): Uint8Array | undefined => {
  const bytes = fromBase64Url(text);
  // One token has one text.
  return bytes?.toBase64(base64Url) === text ? bytes : undefined;
};
