/** SHA-256 and HMAC-SHA256 (FIPS 180-4, RFC 2104) as one-shot calls: no hash object for each input. */
import { createHash, hash } from 'node:crypto';

const blockBytes = 64;
/** Up to here the message is copied behind the pads; above, a streaming hash is as quick and copies nothing. */
const shortBytes = 4096;
const digestBytes = 32;

const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const sha256 = (data: string | Uint8Array): Uint8Array => plain(hash('sha256', data, 'buffer'));
export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** FIPS 202: what some tools around Kubernetes mark objects with. */
export const sha3Hex224 = (data: string | Uint8Array): string => hash('sha3-224', data, 'hex');

/** Only for what a protocol asks for: it binds nothing (RFC 6455 §4.2.2). */
export const sha1Base64 = (text: string): string => hash('sha1', text, 'base64');

const padded = (key: Uint8Array, pad: number): Uint8Array => {
  const block = new Uint8Array(blockBytes);
  block.set(key.length > blockBytes ? sha256(key) : key);
  return block.map(byte => byte ^ pad);
};

/** Of bytes as latin1, big-endian. */
const word = (bytes: string, at: number): number =>
  ((bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)) >>>
  0;

export class HmacKey {
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  constructor(key: Uint8Array) {
    this.#inner = Buffer.alloc(blockBytes + shortBytes);
    this.#inner.set(padded(key, 0x36));
    this.#outer = Buffer.alloc(blockBytes + digestBytes);
    this.#outer.set(padded(key, 0x5c));
  }

  /** The MAC in 64 lower-case hex digits. Text is taken as UTF-8. */
  hex(data: string | Uint8Array): string {
    this.#digestInner(data);
    return hash('sha256', this.#outer, 'hex');
  }

  /** The MAC's 32 bytes. */
  bytes(data: string | Uint8Array): Uint8Array {
    this.#digestInner(data);
    return plain(hash('sha256', this.#outer, 'buffer'));
  }

  /** The MAC's first 64 bits, in two halves. */
  first64(data: string | Uint8Array): { readonly hi: number; readonly lo: number } {
    this.#digestInner(data);
    const mac = hash('sha256', this.#outer, 'latin1');
    return { hi: word(mac, 0), lo: word(mac, 4) };
  }

  /** Forgets the key: every later MAC is worthless. */
  wipe(): void {
    this.#inner.fill(0);
    this.#outer.fill(0);
  }

  #digestInner(data: string | Uint8Array): void {
    const length = this.#copy(data);
    if (length === undefined) {
      const pad = this.#inner.subarray(0, blockBytes);
      this.#outer.set(createHash('sha256').update(pad).update(data).digest(), blockBytes);
      return;
    }
    // 'latin1' is the cheapest way to get 32 bytes out of a one-shot hash
    const digest = hash('sha256', this.#inner.subarray(0, blockBytes + length), 'latin1');
    this.#outer.write(digest, blockBytes, 'latin1');
    this.#inner.fill(0, blockBytes, blockBytes + length);
  }

  /** How many bytes were laid behind the inner pad; undefined where they are too many. */
  #copy(data: string | Uint8Array): number | undefined {
    if (typeof data === 'string') {
      if (data.length * 3 > shortBytes) return undefined;
      return this.#inner.write(data, blockBytes, 'utf8');
    }
    if (data.length > shortBytes) return undefined;
    this.#inner.set(data, blockBytes);
    return data.length;
  }
}
