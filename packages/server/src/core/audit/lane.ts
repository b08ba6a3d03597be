/**
 * The chain of what one device writes between its opening and its closing. Every record has a sequence; every write ends with the
 * hash of all bytes of the lane so far and a MAC of that hash: `hash = SHA-256(hash before ‖ bytes of the write)`,
 * `mac = HMAC-SHA256(key of the lane, "<sequence> <hash>")`. So one MAC speaks for everything before it, and nobody needs the
 * key to see that the bytes belong together. A write that failed leaves the chain going: the next one says so.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { isoTime } from '@coffer/schema/iso-time.ts';
import { type AuditChain, chainRoomBytes } from '../../contracts/audit.ts';
import type { Clock } from '../../contracts/clock.ts';
import { HmacKey, sha256Hex } from '../../platform/crypto/hash.ts';
import { inert } from './inert.ts';

export const chainVersion = 1;

/** The end of a write: how many records the lane had, and the hash of all their bytes, in hex. */
export interface Place {
  readonly sequence: number;
  readonly hash: string;
}

export interface LaneParts {
  readonly id: string;
  /** The lane's own; taken over. */
  readonly key: Uint8Array;
  /** The barrier's key term that it was derived from. */
  readonly term: number;
  /** In hex. */
  readonly storeId: string;
  readonly device: string;
  /** Before each line. */
  readonly prefix: string;
  readonly clock: Clock;
  /** Where the device's lane before was last seen. */
  readonly after: (Place & { readonly lane: string }) | undefined;
  /** Called once a write has succeeded. */
  readonly moved: () => void;
}

const nothingYet: Place = { sequence: 0, hash: '0'.repeat(2 * chainRoomBytes) };

/** The text under the MAC. */
export const signedText = ({ sequence, hash }: Place): string => `${sequence} ${hash}`;

export class Lane implements AuditChain {
  readonly parts: LaneParts;
  readonly startedAtMs: number;
  readonly #key: HmacKey;
  readonly #stamp: string;
  #sequence = 0;
  #closed = nothingYet;
  #written = nothingYet;
  /** The last write that succeeded, where later ones did not. */
  #lastGood: Place | undefined;
  #isWiped = false;

  constructor(parts: LaneParts) {
    this.parts = parts;
    this.startedAtMs = parts.clock.now();
    this.#key = new HmacKey(parts.key);
    this.#stamp = `,"chain":{"lane":"${parts.id}","sequence":`;
  }

  /** The end of the last write that succeeded. */
  get written(): Place {
    return this.#written;
  }

  /** What ends the next record. Records are written in the order in which they were ended. */
  recordEnd(): string {
    return `${this.#stamp}${++this.#sequence}}}`;
  }

  head(): string {
    const { prefix, clock, storeId, device, term, id, after } = this.parts;
    const failed = this.#lastGood === undefined ? '' : `,"failed":${JSON.stringify(this.#lastGood)}`;
    const before = after === undefined ? '' : `,"after":${JSON.stringify(after)}`;
    const place = `"from":"${this.#closed.hash}"${failed}${before},"sequence":${this.#closed.sequence}`;
    const names = `"version":${chainVersion},"store":"${storeId}","device":${inert(device)},"key":${term},"lane":"${id}"`;
    // The empty members are for readers that take them for granted.
    return `${prefix}{"time":"${isoTime(clock.now())}","type":"chain","auth":{},"request":{},"chain":{${names},${place}}}`;
  }

  close(bytes: Uint8Array): string {
    if (this.#isWiped) throw new CofferError('sealed', 'Vault is sealed');
    bytes.set(Uint8Array.fromHex(this.#closed.hash));
    this.#closed = { sequence: numberAtEnd(bytes), hash: sha256Hex(bytes) };
    return `,"hash":"${this.#closed.hash}","mac":"${this.#key.hex(signedText(this.#closed))}"}}\n`;
  }

  settle(isWritten: boolean): void {
    if (!isWritten) {
      this.#lastGood ??= this.#written;
      return;
    }
    this.#lastGood = undefined;
    this.#written = this.#closed;
    this.parts.moved();
  }

  /** Forgets the key. */
  wipe(): void {
    this.#isWiped = true;
    this.#key.wipe();
    this.parts.key.fill(0);
  }
}

const zero = 0x30;
const nine = 0x39;

/** The digits at the end. */
const numberAtEnd = (bytes: Uint8Array): number => {
  let value = 0;
  for (let at = bytes.length - 1, weight = 1; at >= 0; at--, weight *= 10) {
    const digit = bytes[at] ?? 0;
    if (digit < zero || digit > nine) break;
    value += (digit - zero) * weight;
  }
  return value;
};
