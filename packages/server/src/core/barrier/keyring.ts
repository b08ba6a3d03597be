/**
 * The keyring: one key per term, of which the newest encrypts and all decrypt, with how many records each may have
 * encrypted so far. A value: changes make a new one. Its bytes hold keys in clear and live only under the root key.
 *
 *     format 1 ‖ enabled u8 ‖ most operations u64 ‖ interval seconds u64 ‖ terms u32 ‖ terms × (term u32 ‖
 *     installed ms u64 ‖ encryptions u64 ‖ key 32)                   integers big-endian, terms ascending, last is active
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { AeadKey, assertLive, keyBytes } from '../../platform/crypto/aead.ts';

const keyringFormat = 1;
/** A term each day for 179 years. */
const termsLimit = 65_536;
/** Nine tenths of 2^32: with random nonces no key encrypts more (NIST SP 800-38D §8.3). */
export const operationsLimit = 3_865_470_566;
const leastOperations = 1_000_000;
const leastIntervalSeconds = 86_400;

const headBytes = 1 + 1 + 8 + 8 + 4;
const termBytes = 4 + 8 + 8 + keyBytes;

export interface Term {
  readonly term: number;
  readonly key: Uint8Array;
  readonly aead: AeadKey;
  readonly installedAtMs: number;
  /** At least as many as were made: counted before they are used. */
  readonly encryptions: number;
}

export interface RotationConfig {
  readonly enabled: boolean;
  readonly maxOperations: number;
  /** 0 for never. */
  readonly intervalSeconds: number;
}

export const defaultRotation: RotationConfig = { enabled: true, maxOperations: operationsLimit, intervalSeconds: 0 };

const invalid = (message: string): CofferError => new CofferError('invalid_request', message);

export const checkRotation = ({ maxOperations, intervalSeconds }: RotationConfig): void => {
  if (!Number.isSafeInteger(maxOperations) || maxOperations < leastOperations || maxOperations > operationsLimit) {
    throw invalid(`max_operations must be from ${leastOperations} to ${operationsLimit}`);
  }
  if (!Number.isSafeInteger(intervalSeconds) || (intervalSeconds !== 0 && intervalSeconds < leastIntervalSeconds)) {
    throw invalid('interval must be 0 or at least 24h');
  }
};

export class Keyring {
  readonly rotation: RotationConfig;
  readonly active: Term;
  readonly #terms: ReadonlyMap<number, Term>;

  constructor(terms: readonly Term[], rotation: RotationConfig) {
    const active = terms.at(-1);
    if (active === undefined) throw new CofferError('data_corrupt', 'The keyring holds no key.');
    this.active = active;
    this.rotation = rotation;
    this.#terms = new Map(terms.map(term => [term.term, term]));
  }

  static first(key: Uint8Array, nowMs: number): Keyring {
    return new Keyring([newTerm(1, key, nowMs)], defaultRotation);
  }

  term(term: number): Term | undefined {
    return this.#terms.get(term);
  }

  /** With one more term, which encrypts from then on. */
  rotated(key: Uint8Array, nowMs: number): Keyring {
    if (this.#terms.size >= termsLimit) throw invalid(`the keyring already has ${termsLimit} key terms, the most`);
    return new Keyring([...this.#terms.values(), newTerm(this.active.term + 1, key, nowMs)], this.rotation);
  }

  /** With `count` more encryptions of the active term. */
  counted(count: number): Keyring {
    const active = { ...this.active, encryptions: this.active.encryptions + count };
    return new Keyring([...this.#terms.values()].slice(0, -1).concat(active), this.rotation);
  }

  withRotation(rotation: RotationConfig): Keyring {
    return new Keyring([...this.#terms.values()], rotation);
  }

  /** When the active term has served its time, milliseconds since 1970. */
  get dueAtMs(): number {
    const { enabled, intervalSeconds } = this.rotation;
    return enabled && intervalSeconds > 0 ? this.active.installedAtMs + intervalSeconds * 1000 : Infinity;
  }

  /** Whether the active term may make `count` more encryptions. */
  hasRoomFor(count: number): boolean {
    const most = this.rotation.enabled ? this.rotation.maxOperations : operationsLimit;
    return this.active.encryptions + count <= most;
  }

  wipe(): void {
    for (const { key } of this.#terms.values()) key.fill(0);
  }

  /** Holds keys in clear: to be encrypted and wiped at once. */
  encode(): Uint8Array {
    const { rotation } = this;
    const bytes = new Uint8Array(headBytes + this.#terms.size * termBytes);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, keyringFormat);
    view.setUint8(1, rotation.enabled ? 1 : 0);
    view.setBigUint64(2, BigInt(rotation.maxOperations));
    view.setBigUint64(10, BigInt(rotation.intervalSeconds));
    view.setUint32(18, this.#terms.size);
    let at = headBytes;
    for (const term of this.#terms.values()) at = putTerm(view, at, term);
    return bytes;
  }

  static decode(bytes: Uint8Array): Keyring {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < headBytes || view.getUint8(0) !== keyringFormat) {
      const format = bytes[0] ?? 'none';
      throw new CofferError('data_corrupt', `The keyring has format ${format}, which this version does not know.`);
    }
    const terms = Array.from({ length: (bytes.length - headBytes) / termBytes }, (_, index) =>
      getTerm(view, headBytes + index * termBytes),
    );
    if (terms.length !== view.getUint32(18)) throw new CofferError('data_corrupt', 'The keyring is damaged.');
    return new Keyring(terms, {
      enabled: view.getUint8(1) === 1,
      maxOperations: Number(view.getBigUint64(2)),
      intervalSeconds: Number(view.getBigUint64(10)),
    });
  }
}

const newTerm = (term: number, key: Uint8Array, installedAtMs: number): Term => ({
  term,
  key,
  aead: new AeadKey(key),
  installedAtMs,
  encryptions: 0,
});

const putTerm = (view: DataView, at: number, { term, installedAtMs, encryptions, key }: Term): number => {
  view.setUint32(at, term);
  view.setBigUint64(at + 4, BigInt(Math.trunc(installedAtMs)));
  view.setBigUint64(at + 12, BigInt(encryptions));
  assertLive(key);
  new Uint8Array(view.buffer).set(key, at + 20);
  return at + termBytes;
};

const getTerm = (view: DataView, at: number): Term => {
  const key = new Uint8Array(view.buffer, view.byteOffset + at + 20, keyBytes).slice();
  return {
    ...newTerm(view.getUint32(at), key, Number(view.getBigUint64(at + 4))),
    encryptions: Number(view.getBigUint64(at + 12)),
  };
};
