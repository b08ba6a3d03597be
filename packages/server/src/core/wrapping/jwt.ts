/**
 * Wrapping tokens as JSON Web Tokens (RFC 7519), signed with ES512 (RFC 7518 §3.4): who holds one can see where and until
 * when it can be opened. The token itself is `jti`. The key is made the first time it is needed and stays in the store.
 */
import { scanJson } from '@coffer/schema/json/scan.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import { Es512Key, newEs512Key } from '../../platform/crypto/es512.ts';
import { base64Url, fromBase64Url } from '../base64-url.ts';
import { tokenTextLimit } from '../tokens/format.ts';
import { ownSecret } from '../tokens/own-secret.ts';
import type { MadeToken } from '../tokens/store.ts';

const keyName = 'wrapping/jwt-key';
const utf8 = new TextEncoder();
const header = utf8.encode('{"alg":"ES512","typ":"JWT"}').toBase64(base64Url);
/** Clocks of others may be behind. */
const earlySeconds = 5;
const shape = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;

export class WrapJwt {
  readonly #storage: MountStorage;
  /** Where clients reach this store. */
  readonly #address: string;
  #key: Es512Key | undefined;

  constructor(storage: MountStorage, address: string) {
    this.#storage = storage;
    this.#address = address;
  }

  /** What others verify with: the point as decimal numbers. Undefined where nothing was ever signed. */
  async publicKey(): Promise<{ readonly x: string; readonly y: string } | undefined> {
    const point = (await this.#known())?.point();
    return point && { x: decimal(point.x), y: decimal(point.y) };
  }

  unload(): void {
    this.#key = undefined;
  }

  /** `accessor`: of the token inside the answer, `''` where there is none. */
  async around({ text, token }: MadeToken, accessor: string): Promise<string> {
    this.#key ??= new Es512Key(await ownSecret(this.#storage, keyName, newEs512Key));
    const claims = writeJson({
      accessor,
      addr: this.#address,
      exp: token.expiresAtSeconds,
      iat: token.createdAtSeconds,
      jti: text,
      nbf: token.createdAtSeconds - earlySeconds,
      type: 'wrapping',
    });
    const signed = `${header}.${claims.toBase64(base64Url)}`;
    return `${signed}.${this.#key.sign(utf8.encode(signed)).toBase64(base64Url)}`;
  }

  /** `jti` where this store has signed it as a wrapping token; anything else is answered as it is. */
  async inside(shown: string): Promise<string> {
    if (shown.length > tokenTextLimit || !shape.test(shown)) return shown;
    const key = await this.#known();
    const end = shown.lastIndexOf('.');
    if (key === undefined || !key.verify(utf8.encode(shown.slice(0, end)), bytesOf(shown.slice(end + 1)))) return shown;
    const claims = claimsOf(shown.split('.', 2)[1] ?? '');
    const id = claims?.get('jti');
    return claims?.get('type') === 'wrapping' && typeof id === 'string' ? id : shown;
  }

  /** Where no key was made, nothing was signed: strangers must not cause one to be. */
  async #known(): Promise<Es512Key | undefined> {
    if (this.#key !== undefined) return this.#key;
    if ((await this.#storage.get(keyName)) === undefined) return undefined;
    this.#key = new Es512Key(await ownSecret(this.#storage, keyName, newEs512Key));
    return this.#key;
  }
}

const decimal = (bytes: Uint8Array): string => BigInt(`0x${bytes.toHex()}`).toString();

const bytesOf = (text: string): Uint8Array => fromBase64Url(text) ?? new Uint8Array(0);

const claimsOf = (text: string): ReadonlyMap<string, unknown> | undefined => {
  try {
    const claims = scanJson(bytesOf(text)).value();
    return claims instanceof Map ? (claims as ReadonlyMap<string, unknown>) : undefined;
  } catch (cause) {
    if (cause instanceof CofferError) return undefined;
    throw cause;
  }
};
