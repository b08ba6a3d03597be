/**
 * AES-256-GCM (NIST SP 800-38D), 12-byte nonces, 16-byte tags. The key is prepared once. Whoever seals makes the nonces
 * and counts them: a nonce must never come twice under one key.
 */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export const keyBytes = 32;
export const nonceBytes = 12;
export const tagBytes = 16;

const algorithm = 'aes-256-gcm';
const options = { authTagLength: tagBytes };
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export class AeadKey {
  readonly #key: KeyObject;

  /** Copies `key`, which must be 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== keyBytes) throw new TypeError(`a key of AES-256-GCM has ${keyBytes} bytes, not ${key.length}`);
    this.#key = createSecretKey(key);
  }

  /** Writes ciphertext and tag into `target` from `at` on: `plaintext.length + 16` bytes. */
  sealInto(target: Uint8Array, at: number, message: AeadMessage): void {
    const { nonce, body, aad } = message;
    const cipher = createCipheriv(algorithm, this.#key, nonce, options);
    cipher.setAAD(aad);
    target.set(cipher.update(body), at);
    cipher.final();
    target.set(cipher.getAuthTag(), at + body.length);
  }

  /** Ciphertext followed by the tag. */
  seal(message: AeadMessage): Uint8Array {
    const sealed = new Uint8Array(message.body.length + tagBytes);
    this.sealInto(sealed, 0, message);
    return sealed;
  }

  /** The plaintext of ciphertext and tag in `body`, or undefined where they are not authentic. */
  open(message: AeadMessage): Uint8Array | undefined {
    const { nonce, body, aad } = message;
    const end = body.length - tagBytes;
    if (end < 0 || nonce.length !== nonceBytes) return undefined;
    const decipher = createDecipheriv(algorithm, this.#key, nonce, options);
    decipher.setAAD(aad);
    decipher.setAuthTag(body.subarray(end));
    const opened = decipher.update(body.subarray(0, end));
    try {
      decipher.final();
    } catch {
      opened.fill(0);
      return undefined;
    }
    return plain(opened);
  }
}

/** Throws where the key has been wiped: what it sealed could be opened by anybody and by nobody else. */
export const assertLive = (key: Uint8Array): void => {
  if (key.every(byte => byte === 0)) throw new TypeError('a wiped key must not be used');
};

export interface AeadMessage {
  readonly nonce: Uint8Array;
  readonly body: Uint8Array;
  readonly aad: Uint8Array;
}
