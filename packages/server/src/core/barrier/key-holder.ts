/**
 * The keys of an open barrier: the keyring in memory and in the store, under the root key. Owns every change of it.
 *
 * - A change is one commit, made only on the keyring it was decided on; another node's change is read first.
 * - A key encrypts only what was counted in the store before: counts are taken in advance, in steps, so that a crash counts
 *   too many, never too few. Steps of several nodes add up.
 * - A term is replaced before its count is full or its time over.
 * - Where others serve the same store, a new term encrypts once all of them have read it, or have had their time to. A new
 *   root key is handed to them under the keyring that they have.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import type { Check, Storage, Write } from '../../contracts/storage.ts';
import { AeadKey, assertLive, keyBytes, nonceBytes } from '../../platform/crypto/aead.ts';
import { sameSecret } from '../../platform/crypto/equal.ts';
import type { RotationConfig, Term } from './keyring.ts';
import { Keyring } from './keyring.ts';
import { keyringKey, nextRootKey } from './layout.ts';
import { idBytes, openRecord, sealRecord, termOf, tryOpenRecord } from './record.ts';

/** Encryptions counted in advance. */
export const countStep = 65_536;
/** Other nodes' changes of the keyring that one change of ours may meet. */
const conflictLimit = 16;

/** Others have so long to read a new keyring. One that is later reads it when it meets what it cannot open. */
const handOverMs = 10_000;

/** The term number of records sealed under the root key itself. */
export const rootTerm = 0;

export interface OtherNodes {
  /** Resolves when all that are there have the keyring of this revision, with false where one has not after `limitMs`. */
  haveKeyring(revision: number, limitMs: number): Promise<boolean>;
  /** Throws where this node may not act on what it has in memory. */
  assertCurrent(): void;
}

export interface BarrierPorts {
  readonly storage: Storage;
  readonly random: Random;
  readonly clock: Clock;
  /** The nodes that serve the same store; undefined where there are none. */
  readonly others?: OtherNodes | undefined;
  /** Called where going on would lose or reveal data; the process must end. */
  fatal(reason: string): void;
}

/** Records in clear that change together with the keyring. */
export interface RootChange {
  readonly rootKey: Uint8Array;
  readonly checks?: readonly Check[];
  readonly writes: readonly Write[];
}

type MakeRootChange = (writeId: Uint8Array) => RootChange | Promise<RootChange>;

export const sealed = (): CofferError => new CofferError('sealed', 'Vault is sealed');

/** The keyring as the record that a commit with this id writes. */
export const keyringWrite = (ring: Keyring, at: KeyringPlace): Write => {
  const { rootKey, storeId, writeId, nonce } = at;
  assertLive(rootKey);
  const plaintext = ring.encode();
  const place = { storeId, key: keyringKey, term: rootTerm, writeId, nonce };
  const value = sealRecord(new AeadKey(rootKey), place, plaintext);
  plaintext.fill(0);
  return { key: keyringKey, value };
};

export interface KeyringPlace {
  readonly rootKey: Uint8Array;
  readonly storeId: Uint8Array;
  readonly writeId: Uint8Array;
  readonly nonce: Uint8Array;
}

export class KeyHolder {
  readonly storeId: Uint8Array;
  readonly #ports: BarrierPorts;
  #rootKey: Uint8Array;
  #ring: Keyring;
  #revision: number;
  /** What encrypts: the active term, or the one before it until others have read that. */
  #current: Term;
  /** Its encryptions that are counted but not made. */
  #left = 0;
  /** The same of the active term, while it does not encrypt yet. */
  #leftNext = 0;
  #switching: Promise<void> = Promise.resolve();
  #last: Promise<unknown> = Promise.resolve();
  #wiped = false;
  #frozen = false;

  private constructor(ports: BarrierPorts, at: { storeId: Uint8Array; rootKey: Uint8Array }, read: ReadRing) {
    this.#ports = ports;
    this.storeId = at.storeId;
    this.#rootKey = at.rootKey;
    this.#ring = read.ring;
    this.#revision = read.revision;
    this.#current = read.ring.active;
  }

  /** Takes `rootKey` over. Throws `data_corrupt` where it does not open the keyring. */
  static async open(ports: BarrierPorts, at: { storeId: Uint8Array; rootKey: Uint8Array }): Promise<KeyHolder> {
    return new KeyHolder(ports, at, await readRing(ports.storage, at));
  }

  /** Of the record that the keyring was read from or written to. */
  get revision(): number {
    return this.#revision;
  }

  get ring(): Keyring {
    if (this.#wiped) throw sealed();
    return this.#ring;
  }

  /** Counted for the active term, without those only counted in advance. */
  get encryptions(): number {
    return this.ring.active.encryptions - (this.#isWaiting ? this.#leftNext : this.#left);
  }

  /** For another thread of this process. */
  copyOfRootKey(): Uint8Array {
    if (this.#wiped) throw sealed();
    return this.#rootKey.slice();
  }

  isRootKey(key: Uint8Array): boolean {
    return !this.#wiped && sameSecret(key, this.#rootKey);
  }

  /** The term to make `count` encryptions with, at once; undefined where `reserve` must come first. */
  take(count: number): Term | undefined {
    const { ring } = this;
    if (this.#frozen) throw sealed();
    if (count > this.#left || this.#ports.clock.now() >= ring.dueAtMs) return undefined;
    this.#left -= count;
    return this.#current;
  }

  /** Makes room for at least `count` encryptions, in a new term where the active one is spent. */
  reserve(count: number): Promise<void> {
    return this.#inTurn(async () => {
      if (count <= this.#left && this.#ports.clock.now() < this.ring.dueAtMs) return;
      await this.#count(count, false);
    });
  }

  /** A new term, in the store before it encrypts anything. */
  async rotate(): Promise<void> {
    await this.#inTurn(() => this.#count(0, true));
    await this.#switching;
  }

  configure(rotation: RotationConfig): Promise<void> {
    return this.#inTurn(() => this.#change(ring => ring.withRotation(rotation)));
  }

  /** From then on only `rootKey`, which is taken over, opens the keyring. */
  async rekey(change: MakeRootChange): Promise<void> {
    const { others } = this.#ports;
    if (others === undefined) return this.#inTurn(() => this.#change(ring => ring, change));
    const revision = await this.#inTurn(async () => {
      await this.#change(ring => ring, await this.#handedOver(change));
      return this.#revision;
    });
    await others.haveKeyring(revision, handOverMs);
    await this.#ports.storage.commit({
      id: this.#ports.random.bytes(idBytes).toHex(),
      checks: [{ key: nextRootKey, expect: revision }],
      writes: [{ key: nextRootKey, value: undefined }],
    });
  }

  /** With the new root key as a record for those who have the old one. */
  async #handedOver(change: MakeRootChange): Promise<MakeRootChange> {
    if (this.#left < 1) await this.#count(1, false);
    this.#left--;
    const { term, aead } = this.#current;
    return async writeId => {
      const made = await change(writeId);
      const nonce = this.#ports.random.bytes(nonceBytes);
      const place = { storeId: this.storeId, key: nextRootKey, term, writeId, nonce };
      return { ...made, writes: [...made.writes, { key: nextRootKey, value: sealRecord(aead, place, made.rootKey) }] };
    };
  }

  /** Reads the keyring again, as another node may have changed it. */
  reload(): Promise<void> {
    return this.#inTurn(() => this.#reload());
  }

  /** Reads the keyring again where another node has changed it since. */
  follow(): Promise<void> {
    return this.#inTurn(async () => {
      if ((await this.#ports.storage.get(keyringKey))?.revision !== this.#revision) await this.#reload();
    });
  }

  /** Nothing is sealed any more, as another store is being put in the place of this one; until it is called off. */
  freeze(): () => void {
    this.#frozen = true;
    return () => {
      this.#frozen = false;
    };
  }

  /** Whether the root key opens this record of a keyring, as it may have been at another time. */
  opensKeyring(record: Uint8Array): boolean {
    if (this.#wiped) throw sealed();
    if (termOf(record, keyringKey) !== rootTerm) return false;
    const opened = tryOpenRecord(new AeadKey(this.#rootKey), { storeId: this.storeId, key: keyringKey }, record);
    opened?.fill(0);
    return opened !== undefined;
  }

  /** Overwrites the keys. Nothing opens or seals any more. */
  wipe(): void {
    this.#wiped = true;
    this.#rootKey.fill(0);
    this.#ring.wipe();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(task);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #count(count: number, always: boolean): Promise<void> {
    const step = Math.max(countStep, count);
    const nowMs = this.#ports.clock.now();
    await this.#change(ring => {
      const spent = always || nowMs >= ring.dueAtMs || !ring.hasRoomFor(step);
      return (spent ? ring.rotated(this.#ports.random.bytes(keyBytes), nowMs) : ring).counted(step);
    });
    if (!this.#isWaiting) this.#left += step;
    else {
      this.#leftNext += step;
      if (this.#left < count) this.#switch();
    }
    if (this.ring.active.encryptions >= 2 ** 32) {
      this.#ports.fatal(`key term ${this.ring.active.term} is used up`);
      throw new CofferError('internal', 'The active encryption key is used up.');
    }
  }

  async #change(edit: (ring: Keyring) => Keyring, root?: MakeRootChange): Promise<void> {
    for (let attempt = 0; attempt < conflictLimit; attempt++) {
      const next = edit(this.ring);
      if (await this.#commit(next, root)) return;
      await this.#reload();
    }
    throw new CofferError('conflict', 'The keyring is being changed by others; try again.');
  }

  async #commit(next: Keyring, root?: MakeRootChange): Promise<boolean> {
    const writeId = this.#ports.random.bytes(idBytes);
    const change = await root?.(writeId);
    if (this.#wiped || this.#frozen) throw sealed();
    const rootKey = change?.rootKey ?? this.#rootKey;
    const nonce = this.#ports.random.bytes(nonceBytes);
    const write = keyringWrite(next, { rootKey, storeId: this.storeId, writeId, nonce });
    const result = await this.#ports.storage.commit({
      id: writeId.toHex(),
      checks: [...(change?.checks ?? []), { key: keyringKey, expect: this.#revision }],
      writes: [write, ...(change?.writes ?? [])],
    });
    if (!result.ok && result.failed.key !== keyringKey) throw conflict(result.failed.key);
    if (result.ok) this.#adopt({ ring: next, revision: result.revision }, rootKey);
    return result.ok;
  }

  #adopt({ ring, revision }: ReadRing, rootKey: Uint8Array): void {
    if (rootKey !== this.#rootKey) this.#rootKey.fill(0);
    const isNewTerm = ring.active.term !== this.#ring.active.term;
    this.#rootKey = rootKey;
    this.#ring = ring;
    this.#revision = revision;
    this.#current = ring.term(this.#current.term) ?? ring.active;
    if (isNewTerm) this.#begin(ring.active);
    if (this.#wiped) this.wipe();
  }

  get #isWaiting(): boolean {
    return this.#current.term !== this.#ring.active.term;
  }

  /** The term is in the store. It encrypts when the others have read it. */
  #begin({ term }: Term): void {
    const { others } = this.#ports;
    this.#leftNext = 0;
    if (others === undefined) return this.#switch();
    this.#switching = others
      .haveKeyring(this.#revision, handOverMs)
      .then(
        () => this.#ring.active.term === term && this.#switch(),
        () => this.#switch(),
      )
      .then(() => undefined);
  }

  #switch(): void {
    if (!this.#isWaiting) return;
    this.#current = this.#ring.active;
    this.#left = this.#leftNext;
    this.#leftNext = 0;
  }

  async #reload(): Promise<void> {
    if (this.#wiped) throw sealed();
    const old = this.#ring;
    const { rootKey, ...read } = await this.#read();
    // A keyring only grows: this one was put in its place.
    if (read.ring.active.term < old.active.term) throw older();
    this.#adopt(read, rootKey);
    old.wipe();
  }

  /** Another node may have replaced the root key. */
  async #read(): Promise<ReadRing & { readonly rootKey: Uint8Array }> {
    const { storage } = this.#ports;
    const at = { storeId: this.storeId, rootKey: this.#rootKey };
    try {
      return { ...(await readRing(storage, at)), rootKey: at.rootKey };
    } catch (cause) {
      const rootKey = await this.#nextRoot();
      if (rootKey === undefined) throw cause;
      return { ...(await readRing(storage, { ...at, rootKey })), rootKey };
    }
  }

  async #nextRoot(): Promise<Uint8Array | undefined> {
    const value = (await this.#ports.storage.get(nextRootKey))?.value;
    const term = value && this.ring.term(termOf(value, nextRootKey));
    return term && tryOpenRecord(term.aead, { storeId: this.storeId, key: nextRootKey }, value);
  }
}

const conflict = (key: string): CofferError =>
  new CofferError('conflict', `The record "${key}" was changed by others.`);

const older = (): CofferError =>
  new CofferError('data_corrupt', `The record "${keyringKey}" is older than the keyring that is open.`);

interface ReadRing {
  readonly ring: Keyring;
  readonly revision: number;
}

const readRing = async (storage: Storage, at: { storeId: Uint8Array; rootKey: Uint8Array }): Promise<ReadRing> => {
  const stored = await storage.get(keyringKey);
  if (stored === undefined) throw new CofferError('data_corrupt', `The record "${keyringKey}" is missing.`);
  if (termOf(stored.value, keyringKey) !== rootTerm) {
    throw new CofferError('data_corrupt', `The record "${keyringKey}" is not under the root key.`);
  }
  const plaintext = openRecord(new AeadKey(at.rootKey), { storeId: at.storeId, key: keyringKey }, stored.value);
  const ring = Keyring.decode(plaintext);
  plaintext.fill(0);
  return { ring, revision: stored.revision };
};
