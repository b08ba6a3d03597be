/**
 * The barrier: everything behind it is plaintext, everything in storage is ciphertext. Owns the keys while open; promises
 * that what it returns was written under that very key by a holder of the keyring, and that nothing is readable once
 * sealed.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { KeyRange } from '../../contracts/engine.ts';
import type { Change, CommitResult, RangeEntry, RangeOptions, Stored, Write } from '../../contracts/storage.ts';
import { keyBytes, nonceBytes } from '../../platform/crypto/aead.ts';
import { hkdf } from '../../platform/crypto/hkdf.ts';
import type { BarrierPorts, RootChange } from './key-holder.ts';
import { KeyHolder, keyringWrite, sealed } from './key-holder.ts';
import type { RotationConfig, Term } from './keyring.ts';
import { checkRotation, Keyring } from './keyring.ts';
import { barrierPrefix, keyringKey, layoutPrefix, storeKey } from './layout.ts';
import { idBytes, openRecord, termOf, unknownTerm } from './record.ts';
import type { Found, RecordCommit, Records } from './records.ts';
import { SealedCommit, type SealingUnder } from './sealed-commit.ts';
import { readStoreId, storeRecord } from './store-record.ts';
import { WriteIds } from './write-ids.ts';

/** Counting ahead may be taken by others first; so often a commit waits again. */
const reserveLimit = 64;

/** What a commit that makes or replaces the root key writes beside it. */
export interface RootPlace {
  readonly storeId: Uint8Array;
  readonly writeId: Uint8Array;
}

export interface KeyStatus {
  readonly term: number;
  readonly installedAtMs: number;
  readonly encryptions: number;
}

/** No record's key starts like this, so an event never opens as a record; nor beside another record than its own. */
const eventKey = (type: string, index: number, beside: string | undefined): string =>
  `event/${index}/${type}/${beside ?? ''}`;

/** Nor like this. */
const apartKey = (label: string): string => `apart/${label}`;

export class Barrier implements Records {
  readonly #ports: BarrierPorts;
  readonly #ids: WriteIds;
  #holder: KeyHolder | undefined;

  constructor(ports: BarrierPorts) {
    this.#ports = ports;
    this.#ids = new WriteIds(ports.random);
  }

  /** What the ids of its commits begin with. */
  get lane(): Uint8Array {
    return this.#ids.lane;
  }

  get sealed(): boolean {
    return this.#holder === undefined;
  }

  /** Makes the store and its keyring, in one commit with `more`. Stays sealed. */
  async init(
    rootKey: Uint8Array,
    more: (place: RootPlace) => readonly Write[] | Promise<readonly Write[]>,
  ): Promise<void> {
    const { random, clock, storage } = this.#ports;
    const storeId = random.bytes(idBytes);
    const writeId = random.bytes(idBytes);
    const ring = Keyring.first(random.bytes(keyBytes), clock.now());
    const keyring = keyringWrite(ring, { rootKey, storeId, writeId, nonce: random.bytes(nonceBytes) });
    ring.wipe();
    const result = await storage.commit({
      id: writeId.toHex(),
      checks: [storeKey, keyringKey].map(key => ({ key, expect: 'absent' as const })),
      writes: [storeRecord(storeId), keyring, ...(await more({ storeId, writeId }))],
    });
    if (!result.ok) throw new CofferError('conflict', 'The store is already initialised.');
  }

  /** Takes `rootKey` over. Throws `data_corrupt` where it does not open the keyring. */
  async unseal(rootKey: Uint8Array): Promise<void> {
    if (!this.sealed) return;
    const storeId = await readStoreId(this.#ports.storage);
    if (storeId === undefined) throw new CofferError('not_initialized', 'Vault is not initialized');
    this.#holder = await KeyHolder.open(this.#ports, { storeId, rootKey });
  }

  /** For another thread of this process, which owns it then. */
  copyOfRootKey(): Uint8Array {
    return this.#open().copyOfRootKey();
  }

  /** Overwrites the keys; reads and commits under way fail or were already whole. */
  seal(): void {
    this.#holder?.wipe();
    this.#holder = undefined;
  }

  get(key: string): Found {
    const holder = this.#open();
    const stored = this.#ports.storage.get(key);
    return stored instanceof Promise
      ? stored.then(late => this.#entry(holder, key, late))
      : this.#entry(holder, key, stored);
  }

  async range(prefix: string, options?: RangeOptions): Promise<readonly KeyRange[]> {
    const holder = this.#open();
    const entries = await this.#ports.storage.range(prefix, options);
    if (options?.values === false) return entries.map(({ key, revision }) => ({ key, revision, entry: undefined }));
    const opened: KeyRange[] = [];
    for (const stored of entries) opened.push(await this.#ranged(holder, stored));
    return opened;
  }

  commit(changes: RecordCommit): Promise<CommitResult> {
    try {
      const holder = this.#open();
      for (const { key } of changes.writes) this.#checkKey(key);
      const { storeId } = holder;
      const count = changes.writes.length + (changes.events?.length ?? 0);
      const term = holder.take(count);
      if (term !== undefined) return this.#commitUnder({ storeId, term }, changes);
      return this.#takeLater(holder, count).then(late => this.#commitUnder({ storeId, term: late }, changes));
    } catch (refusal) {
      return Promise.reject(refusal);
    }
  }

  #commitUnder(under: SealingUnder, changes: RecordCommit): Promise<CommitResult> {
    const { checks, writes, events = [], plain = [] } = changes;
    const beside = (writes[0] ?? plain[0])?.key;
    const records = new SealedCommit(under, changes, { random: this.#ports.random, ids: this.#ids });
    // The last moment before it leaves: what it was decided on was read from memory.
    this.#ports.others?.assertCurrent();
    return this.#ports.storage.commit({
      id: records.id,
      ...(checks === undefined ? {} : { checks }),
      writes: [...writes.map(({ key, value }) => ({ key, value: value && records.record(key, value) })), ...plain],
      events: events.map(({ type, payload }, index) => ({
        type,
        payload: records.record(eventKey(type, index, beside), payload),
      })),
    });
  }

  /** The payload of the `index`-th event of a change. */
  openEvent({ keys, events }: Change, index: number): Uint8Array | Promise<Uint8Array> {
    const event = events[index];
    if (event === undefined) throw new TypeError('a change has no such event');
    return this.#plaintext(this.#open(), eventKey(event.type, index, keys[0]), event.payload);
  }

  /** Encrypts what is not a record and leaves the store. It opens only under the same label, which no record's key starts like. */
  async sealApart(label: string, plaintext: Uint8Array): Promise<Uint8Array> {
    const holder = this.#open();
    const term = holder.take(1) ?? (await this.#takeLater(holder, 1));
    const writes = [{ key: apartKey(label), value: plaintext }];
    const ports = { random: this.#ports.random, ids: this.#ids };
    return new SealedCommit({ storeId: holder.storeId, term }, { writes }, ports).record(apartKey(label), plaintext);
  }

  /** Undefined where it is under a key term that this store does not have. Throws `data_corrupt` where it is not authentic. */
  openApart(label: string, bytes: Uint8Array): Uint8Array | undefined {
    const { ring, storeId } = this.#open();
    const term = ring.term(termOf(bytes, apartKey(label)));
    return term === undefined ? undefined : openRecord(term.aead, { storeId, key: apartKey(label) }, bytes);
  }

  /** See `KeyHolder`. */
  freeze(): () => void {
    return this.#open().freeze();
  }

  opensKeyring(record: Uint8Array): boolean {
    return this.#open().opensKeyring(record);
  }

  /** See `KeyHolder`. */
  follow(): Promise<void> {
    return this.#open().follow();
  }

  rotate(): Promise<void> {
    return this.#open().rotate();
  }

  /** From then on only the new root key opens the store: one commit with what `change` writes beside it. */
  async rekeyRoot(change: (place: RootPlace) => RootChange | Promise<RootChange>): Promise<void> {
    const holder = this.#open();
    await holder.rekey(writeId => change({ storeId: holder.storeId, writeId }));
  }

  get storeId(): Uint8Array {
    return this.#open().storeId;
  }

  isRootKey(key: Uint8Array): boolean {
    return this.#open().isRootKey(key);
  }

  /** Revision of the keyring in memory; 0 while sealed. */
  get keyringRevision(): number {
    return this.#holder?.revision ?? 0;
  }

  keyStatus(): KeyStatus {
    const { ring, encryptions } = this.#open();
    return { term: ring.active.term, installedAtMs: ring.active.installedAtMs, encryptions };
  }

  /**
   * 32 bytes for one purpose, out of a term's key (RFC 5869); the same each time. Undefined where there is no such term.
   * They outlive the seal: whoever asks wipes them.
   */
  derive(purpose: string, term: number): Uint8Array | undefined {
    const { ring, storeId } = this.#open();
    const key = ring.term(term)?.key;
    return key && hkdf(key, { salt: storeId, info: purpose, lengthBytes: keyBytes });
  }

  get rotation(): RotationConfig {
    return this.#open().ring.rotation;
  }

  async configureRotation(rotation: RotationConfig): Promise<void> {
    checkRotation(rotation);
    await this.#open().configure(rotation);
  }

  #open(): KeyHolder {
    if (this.#holder === undefined) throw sealed();
    return this.#holder;
  }

  #checkKey(key: string): void {
    if (key.startsWith(layoutPrefix) && !key.startsWith(barrierPrefix)) return;
    this.#ports.fatal(`a record was to be written outside the layout: ${JSON.stringify(key)}`);
    throw new CofferError('internal', 'A record was to be written outside the layout.');
  }

  async #takeLater(holder: KeyHolder, count: number): Promise<Term> {
    for (let attempt = 0; attempt < reserveLimit; attempt++) {
      await holder.reserve(count);
      const term = holder.take(count);
      if (term !== undefined) return term;
    }
    throw new CofferError('conflict', 'Too many writes at once; try again.');
  }

  #entry(holder: KeyHolder, key: string, stored: Stored | undefined): Found {
    if (stored === undefined) return undefined;
    const { revision } = stored;
    const plaintext = this.#plaintext(holder, key, stored.value);
    if (plaintext instanceof Promise) return plaintext.then(value => ({ value, revision, memo: undefined }));
    return { value: plaintext, revision, memo: undefined };
  }

  async #ranged(holder: KeyHolder, stored: RangeEntry): Promise<KeyRange> {
    const found = this.#entry(holder, stored.key, stored);
    return { key: stored.key, revision: stored.revision, entry: found instanceof Promise ? await found : found };
  }

  #plaintext(holder: KeyHolder, key: string, record: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const term = holder.ring.term(termOf(record, key));
    const place = { storeId: holder.storeId, key };
    return term === undefined ? this.#plaintextLater(holder, place, record) : openRecord(term.aead, place, record);
  }

  /** Another node may have made the term since the keyring was read. */
  async #plaintextLater(holder: KeyHolder, place: Placed, record: Uint8Array): Promise<Uint8Array> {
    await holder.reload();
    const number = termOf(record, place.key);
    const term = holder.ring.term(number);
    if (term === undefined) throw unknownTerm(place.key, number);
    return openRecord(term.aead, place, record);
  }
}

interface Placed {
  readonly storeId: Uint8Array;
  readonly key: string;
}
