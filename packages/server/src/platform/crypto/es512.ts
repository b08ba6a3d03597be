/** Signatures by ECDSA over P-521 with SHA-512, as JOSE lays them down: r ‖ s, 132 bytes (RFC 7518 §3.4). */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';

const signatureBytes = 132;

/** A new private key, PKCS #8 in DER. */
export const newEs512Key = (): Uint8Array =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-521',
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  }).privateKey;

export class Es512Key {
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  constructor(pkcs8: Uint8Array) {
    this.#private = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    this.#public = createPublicKey(this.#private);
  }

  /** The coordinates of the public key's point. */
  point(): { readonly x: Uint8Array; readonly y: Uint8Array } {
    const { x = '', y = '' } = this.#public.export({ format: 'jwk' });
    return { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') };
  }

  sign(bytes: Uint8Array): Uint8Array {
    return sign('sha512', bytes, { key: this.#private, dsaEncoding: 'ieee-p1363' });
  }

  verify(bytes: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== signatureBytes) return false;
    return verify('sha512', bytes, { key: this.#public, dsaEncoding: 'ieee-p1363' }, signature);
  }
}
