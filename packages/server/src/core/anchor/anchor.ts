/**
 * Tells when the whole store was put back to an earlier state. A *mark* is a record that counts up, written with others at most
 * every `maxLagMs`; the *anchor*, outside the store, says how many marks there were. First the mark is committed, then the
 * anchor follows: a crash in between leaves the store ahead, never behind. Who can write the store can put back an old mark with
 * the rest of it, and cannot make a new one. A store that is behind its anchor serves nothing until somebody accepts that.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AnchorPlace } from '../../contracts/anchor.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import type { Check as StorageCheck, Stored } from '../../contracts/storage.ts';
import { sha256Hex } from '../../platform/crypto/hash.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import { reasonOf } from '../barrier/trouble.ts';
import type { KeptLedger, LedgerKeeper, LedgerStatus } from '../ledger/keeper.ts';
import type { SharedLedger } from '../ledger/view.ts';
import { type Doubt, judge, type Marked } from './judge.ts';
import { type AnchorKeys, readStatement, statementText } from './statement.ts';

/** Of the mark among the core's own records. */
export const anchorPrefix = 'anchor/';
const markId = 'mark';
export const markKey = anchorPrefix + markId;
/** What is written last before the store is sealed is not waited for any longer. */
const lastLimitMs = 2_000;
const codeBytes = 4;
/** Other nodes may mark at the same time. */
const attempts = 8;

interface Mark {
  readonly sequence: number;
  readonly ledger?: KeptLedger | undefined;
}

export interface AnchorSettings {
  readonly place: AnchorPlace;
  /** Revision of the store's last commit. */
  readonly head: () => Promise<number>;
  /** Between two marks. */
  readonly maxLagMs: number;
}

export type Ledger = Pick<
  LedgerKeeper,
  'load' | 'learn' | 'next' | 'close' | 'isBusy' | 'accept' | 'status' | 'shared' | 'letRest'
>;

export interface AnchorParts {
  /** Undefined where the configuration names none. */
  readonly settings: AnchorSettings | undefined;
  /** The core's own records. */
  readonly storage: MountStorage;
  /** The mark's record as it lies in the storage. */
  readonly stored: () => Stored | undefined | Promise<Stored | undefined>;
  readonly keys: AnchorKeys;
  /** How many commits this process has made. */
  readonly commits: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Which record is the newest of its key. Undefined where other nodes write to the store, or nothing is anchored. */
  readonly ledger: Ledger | undefined;
  /** What the store does once it is open was left undone, and is to be done now. */
  readonly accepted: () => Promise<void>;
}

export interface AnchorStatus {
  readonly place: string | undefined;
  /** Marks so far. */
  readonly sequence: number;
  readonly doubt: Doubt | undefined;
  /** The anchor could not be written the last time. */
  readonly isStuck: boolean;
  readonly ledger: LedgerStatus | undefined;
}

type MarkedStore = Marked & Mark;

interface Looked {
  readonly doubt: Doubt | undefined;
  readonly isRestored: boolean;
}

interface Looking {
  /** The store is as new as its anchor says. */
  readonly isSure: boolean;
  readonly isRestored: boolean;
}

export class Anchor {
  readonly #parts: AnchorParts;
  readonly #kept: Collection<Mark>;
  #sequence = 0;
  #doubt: Doubt | undefined;
  #code = '';
  #markedAt = -1;
  #isStuck = false;
  /** Records are refused, and nobody has accepted that. */
  #isRefusing = false;
  #ledgerDoubt: Doubt | undefined;
  #isLedgerOpen = false;
  #isOpen = false;
  #stopTimer: () => void = () => {};
  #marking: Promise<void> | undefined;

  constructor(parts: AnchorParts) {
    this.#parts = parts;
    this.#kept = new Collection<Mark>(parts.storage, anchorPrefix, plainShape('mark of the anchor'));
  }

  /** For every request: cheap. */
  get isDoubted(): boolean {
    return this.#doubt !== undefined;
  }

  get status(): AnchorStatus {
    const { settings } = this.#parts;
    return {
      place: settings?.place.name,
      sequence: this.#sequence,
      doubt: this.#doubt,
      isStuck: this.#isStuck,
      ledger: this.#parts.ledger?.status,
    };
  }

  /** For the threads that only read. */
  get sharedLedger(): SharedLedger | undefined {
    return this.#parts.ledger?.shared;
  }

  /** The store is open: says whether it is as new as its anchor, and from now on both count up. */
  async open(): Promise<void> {
    const { settings, log } = this.#parts;
    this.#doubt = undefined;
    this.#isOpen = true;
    this.#markedAt = -1;
    const marked = await this.#marked();
    this.#sequence = marked?.sequence ?? 0;
    if (settings === undefined) {
      if (marked !== undefined)
        log.write(
          'warn',
          'the store had an anchor and the configuration names none: nobody would see that it was put back',
        );
      await this.#leaveLedger(marked);
      return;
    }
    await this.#lookWhole(settings, marked);
    if (!this.isDoubted) await this.#markWhole();
    this.#soon();
  }

  close(): void {
    this.#isOpen = false;
    this.#parts.ledger?.close();
    this.#ledgerDoubt = undefined;
    this.#isLedgerOpen = false;
    this.#isRefusing = false;
    this.#stopTimer();
    this.#doubt = undefined;
  }

  /** What the anchor does not say yet, before the store is sealed. Never rejects. */
  async takeLast(): Promise<void> {
    if (this.#parts.settings === undefined || this.isDoubted || !this.#isOpen || !this.#isDue()) return;
    const late = Promise.withResolvers<void>();
    const stop = this.#parts.clock.after(lastLimitMs, late.resolve);
    await Promise.race([this.#markOnce(), late.promise]);
    stop();
  }

  /**
   * The store is about to be replaced by a snapshot of its own, with that record as its mark, which was taken under that key
   * term. Until it was opened the anchor lets both through. Where the term is not known here nothing is said, and the restored
   * store will have to be accepted.
   */
  async expect(mark: Uint8Array | undefined, term: number): Promise<void> {
    const { settings, keys } = this.#parts;
    if (settings === undefined) return;
    const restored = mark === undefined ? 'none' : sha256Hex(mark);
    const known = Math.min(term, keys.keyStatus().term);
    const text = statementText({ store: keys.storeId.toHex(), sequence: this.#sequence, restored }, keys, known);
    if (text !== undefined) await settings.place.write(text);
  }

  /** All records are about to be replaced: they are not held against the ledger until the answer is called, or the store is sealed. */
  letRest(): () => void {
    return this.#parts.ledger?.letRest() ?? (() => {});
  }

  /** `code` is the one that the log told: who gives it sees this server, and does not only hold a token of the old store. */
  async accept(code: string): Promise<void> {
    const { settings, log, accepted, ledger } = this.#parts;
    if (settings === undefined || (this.#doubt === undefined && !this.#isRefusing))
      throw new CofferError('invalid_request', 'the store is as new as its anchor: there is nothing to accept');
    if (code !== this.#code)
      throw new CofferError('invalid_request', 'code: it is not the one that the log of this server tells');
    const doubt = this.#doubt;
    if (doubt === undefined) {
      log.write('warn', 'it was accepted that records are not the ones that were written last');
      await ledger?.accept();
      this.#isRefusing = false;
      return this.#mark(settings);
    }
    log.write('warn', 'it was accepted that the store is not as its anchor says', { doubt });
    await ledger?.learn();
    await this.#mark(settings);
    this.#isLedgerOpen = true;
    this.#ledgerDoubt = undefined;
    this.#doubt = undefined;
    await accepted();
  }

  /** A record is refused that was not before: somebody may have to accept it as it is. */
  refusing(): void {
    if (this.#isRefusing) return;
    this.#isRefusing = true;
    this.#code = this.#parts.random.bytes(codeBytes).toHex();
    this.#parts.log.write(
      'error',
      'records are not the ones that were written last, and are refused: find out why, put them right, or accept all as they are with `coffer operator accept-rollback`',
      { code: this.#code },
    );
  }

  async #marked(): Promise<MarkedStore | undefined> {
    const held = await this.#kept.get(markId);
    const stored = await this.#parts.stored();
    if (held === undefined || stored === undefined) return undefined;
    return { ...held.record, digest: sha256Hex(stored.value) };
  }

  /** Whether the store is as new as its anchor says, and each of its records as new as its ledger. */
  async #lookWhole(settings: AnchorSettings, marked: MarkedStore | undefined): Promise<void> {
    const { doubt, isRestored } = await this.#look(settings, marked);
    if (!this.#isLedgerOpen) await this.#openLedger(marked?.ledger, { isSure: doubt === undefined, isRestored });
    this.#setDoubt(doubt ?? this.#ledgerDoubt);
  }

  async #look({ place }: AnchorSettings, marked: Marked | undefined): Promise<Looked> {
    try {
      const text = await place.read();
      const said = text === undefined ? undefined : readStatement(text, this.#parts.keys);
      if (typeof said === 'object') this.#sequence = Math.max(this.#sequence, said.sequence);
      const isRestored = typeof said === 'object' && said.restored !== undefined;
      return { doubt: judge({ said, marked }), isRestored };
    } catch (cause) {
      const doubt = cause instanceof CofferError ? cause.publicMessage : 'the anchor cannot be read';
      return { doubt, isRestored: false };
    }
  }

  /** A ledger is begun where the store is as new as it should be and has none; or has one of another time, as it was restored. */
  async #openLedger(kept: KeptLedger | undefined, { isSure, isRestored }: Looking): Promise<void> {
    const { ledger } = this.#parts;
    if (ledger === undefined) return;
    const isToLearn = kept === undefined || (isSure && isRestored);
    if (isToLearn && !isSure) return;
    this.#ledgerDoubt = isToLearn ? undefined : await ledger.load(kept);
    if (isToLearn) await ledger.learn();
    this.#isLedgerOpen = true;
  }

  /** What is written while there is no anchor is in no ledger: the next anchor begins a new one. */
  async #leaveLedger(marked: MarkedStore | undefined): Promise<void> {
    if (marked?.ledger === undefined) return;
    const held = await this.#kept.get(markId);
    const checks = [this.#kept.check(markId, held?.revision ?? 'absent')];
    await this.#parts.storage.commit({ checks, writes: [this.#kept.put(markId, { sequence: marked.sequence })] });
  }

  #setDoubt(doubt: Doubt | undefined): void {
    const isNew = doubt !== undefined && doubt !== this.#doubt;
    this.#doubt = doubt;
    if (!isNew) return;
    this.#code = this.#parts.random.bytes(codeBytes).toHex();
    this.#parts.log.write(
      'error',
      'the store is not as its anchor says, and serves nothing until that is accepted: find out why first, then `coffer operator accept-rollback`',
      { reason: doubt, place: this.#parts.settings?.place.name, code: this.#code },
    );
  }

  #soon(): void {
    const { settings, clock } = this.#parts;
    if (settings === undefined || !this.#isOpen) return;
    this.#stopTimer();
    this.#stopTimer = clock.after(settings.maxLagMs, () => {
      void this.#tick(settings).finally(() => this.#soon());
    });
  }

  async #tick(settings: AnchorSettings): Promise<void> {
    if (this.isDoubted) return this.#lookAgain(settings);
    if (this.#isDue()) await this.#markOnce();
  }

  /** Another node may have accepted, or was only behind. */
  async #lookAgain(settings: AnchorSettings): Promise<void> {
    try {
      await this.#lookWhole(settings, await this.#marked());
      if (!this.isDoubted && this.#isOpen) await this.#parts.accepted();
    } catch {
      // The store was sealed meanwhile, or the storage is away: it stays in doubt.
    }
  }

  #isDue(): boolean {
    return this.#parts.commits() !== this.#markedAt || this.#parts.ledger?.isBusy === true;
  }

  /** One at a time; who comes meanwhile shares it. Never rejects. */
  #markOnce(): Promise<void> {
    const { settings, log } = this.#parts;
    if (settings === undefined) return Promise.resolve();
    this.#marking ??= this.#mark(settings)
      .then(
        () => {
          if (this.#isStuck) log.write('info', 'the anchor is written again');
          this.#isStuck = false;
        },
        (cause: unknown) => {
          if (!this.#isStuck && this.#isOpen)
            log.write('error', 'the anchor cannot be written: that the store was put back would not be seen', {
              place: settings.place.name,
              error: reasonOf(cause),
            });
          this.#isStuck = true;
        },
      )
      .finally(() => {
        this.#marking = undefined;
      });
    return this.#marking;
  }

  async #mark({ place }: AnchorSettings): Promise<void> {
    const { keys, commits, ledger } = this.#parts;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const held = await this.#kept.get(markId);
      // Two ledgers of one store would each be wrong.
      if (ledger !== undefined && attempt > 0 && (held?.record.sequence ?? 0) > this.#sequence)
        throw new CofferError('conflict', 'another process writes to this store');
      const sequence = Math.max(this.#sequence, held?.record.sequence ?? 0) + 1;
      const before = commits();
      const check = this.#kept.check(markId, held?.revision ?? 'absent');
      if (!(await this.#commit(check, sequence))) continue;
      this.#sequence = sequence;
      const text = statementText({ store: keys.storeId.toHex(), sequence }, keys);
      if (text === undefined) throw new CofferError('sealed', 'Vault is sealed');
      await place.write(text);
      // The mark itself is one. What came beside it may have missed it.
      this.#markedAt = before + 1;
      return;
    }
    throw new CofferError('conflict', 'the mark of the anchor was written by others again and again');
  }

  /** The mark, and with it what the ledger has noted. */
  async #commit(check: StorageCheck, sequence: number): Promise<boolean> {
    const { storage, ledger } = this.#parts;
    const turn = ledger?.next();
    const mark = turn?.kept === undefined ? { sequence } : { sequence, ledger: turn.kept };
    let isMade = false;
    try {
      const writes = [this.#kept.put(markId, mark), ...(turn?.writes ?? [])];
      isMade = (await storage.commit({ checks: [check], writes })).ok;
    } finally {
      if (isMade) turn?.made();
      else turn?.undone();
    }
    return isMade;
  }

  /** All of a new ledger is in the store before anything else is written. */
  async #markWhole(): Promise<void> {
    do await this.#markOnce();
    while (this.#parts.ledger?.isBusy === true && !this.#isStuck);
  }
}
