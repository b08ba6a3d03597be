/**
 * The queue before an audit device, whatever the device is. Records of two turns of the event loop, and those that arrive
 * while a write is under way, go out together, in order. Promises: nobody waits longer than the limit and one look more;
 * a device that is slower is passed by, at no cost, until it keeps up again. What it is given meanwhile is kept for it,
 * up to a bound, and written when it takes it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import {
  type AuditChain,
  type AuditSink,
  chainEndBytes,
  chainRoomBytes,
  type Observed,
} from '../../contracts/audit.ts';
import type { Clock } from '../../contracts/clock.ts';

/** What takes bytes: lines, each with its end. One write at a time; the bytes are its own until it settles. */
export interface Target {
  readonly write: (bytes: Buffer) => Promise<void>;
  readonly reopen: () => Promise<void>;
  /** Also ends a write that is under way. */
  readonly close: () => Promise<void>;
}

/** A target that can begin anew. */
export interface Fresh {
  /** Nothing stands before what is written next. */
  readonly isFresh: () => boolean;
}

/** A target that can be taken away while it is written to. */
export interface Removable {
  /** As of `Observed`. */
  readonly watch: () => Promise<boolean>;
}

export interface DeviceParts {
  readonly path: string;
  readonly type: string;
  readonly target: Target & Partial<Fresh & Removable>;
  readonly clock: Clock;
  /** A record that has not been taken for so long makes the device a slow one. */
  readonly limitMs: number;
  /** What ties the records together; their texts end as it says. */
  readonly chain?: AuditChain | undefined;
}

/** Most characters waiting for the device before it refuses more. */
const queueLimit = 67_108_864;
/** The same while it is slow: nobody is waiting for these. */
const keptLimit = 16_777_216;
/** Between two looks at how long the oldest record has waited: a timer per request would cost more than its record. */
export const lookEveryMs = 1000;
export const defaultLimitMs = 2000;
/** Batches that surely fit are encoded into one buffer that is used again and again. */
const scratchBytes = 262_144;
const utf8BytesPerUnit = 3;
/** Of a record that is part of a chain. */
const recordEnd = '}}\n';
const chainBytes = chainRoomBytes + chainEndBytes;

/** Records that will be written by one call; all who wait for them share one promise. */
interface Batch {
  /** Lines, each with its end. One text for all: it is laid out once, when it is encoded. */
  text: string;
  readonly begunMs: number;
  readonly written: PromiseWithResolvers<void>;
}

export class BatchDevice implements AuditSink, Observed {
  readonly path: string;
  readonly type: string;
  readonly #parts: DeviceParts;
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  #open: Batch | undefined;
  #writing: Batch | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #isSlow = false;
  #isLooking = false;
  #needsHead = true;

  constructor(parts: DeviceParts) {
    this.path = parts.path;
    this.type = parts.type;
    this.#parts = parts;
  }

  write(records: readonly string[]): Promise<void> {
    if (this.#isSlow) return this.#passBy(records);
    const batch = (this.#open ??= this.#begin());
    if (batch.text.length > queueLimit) return Promise.reject(this.#refusal('too many records are waiting'));
    for (const record of records) batch.text += `${record}\n`;
    return batch.written.promise;
  }

  reopen(): Promise<void> {
    return this.#parts.target.reopen();
  }

  waiting(): number {
    return (this.#writing?.text.length ?? 0) + (this.#open?.text.length ?? 0);
  }

  async watch(): Promise<boolean> {
    return (await this.#parts.target.watch?.()) ?? false;
  }

  /** What waits is written first, unless that takes too long. */
  async close(): Promise<void> {
    const { clock, limitMs, target } = this.#parts;
    if (this.#idle !== undefined && !this.#isSlow) {
      const late = Promise.withResolvers<void>();
      const stop = clock.after(limitMs, late.resolve);
      await Promise.race([this.#idle.promise, late.promise]);
      stop();
    }
    await target.close();
  }

  #begin(): Batch {
    if (this.#idle === undefined) {
      this.#idle = Promise.withResolvers();
      // A turn later: what the next turn brings shares the call, which costs more than its bytes.
      setImmediate(() => setImmediate(() => void this.#drain()));
    }
    if (!this.#isLooking) this.#lookLater();
    return { text: '', begunMs: this.#parts.clock.monotonic(), written: Promise.withResolvers() };
  }

  async #drain(): Promise<void> {
    for (let batch = this.#open; batch !== undefined; batch = this.#open) {
      this.#open = undefined;
      this.#writing = batch;
      try {
        await this.#parts.target.write(this.#encoded(batch.text));
        this.#settle(true);
        batch.written.resolve();
        if (this.#isSlow) this.#isSlow = this.#open !== undefined && this.#isLate(batch);
      } catch (cause) {
        this.#settle(false);
        batch.written.reject(cause);
      }
    }
    this.#writing = undefined;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** One write is under way at a time, so the buffer is free. */
  #encoded(records: string): Buffer {
    const { chain, target } = this.#parts;
    const needsHead = chain !== undefined && (this.#needsHead || target.isFresh?.() === true);
    const text = needsHead ? `${chain.head()}\n${records}` : records;
    const isShort = text.length * utf8BytesPerUnit + chainBytes <= scratchBytes;
    const buffer = isShort ? this.#scratch : Buffer.allocUnsafeSlow(Buffer.byteLength(text) + chainBytes);
    const end = chainRoomBytes + buffer.write(text, chainRoomBytes);
    if (chain === undefined) return buffer.subarray(chainRoomBytes, end);
    const open = end - recordEnd.length;
    return buffer.subarray(chainRoomBytes, open + buffer.write(chain.close(buffer.subarray(0, open)), open, 'latin1'));
  }

  /** What a write that failed has left is not known: the chain says anew where it stands. */
  #settle(isWritten: boolean): void {
    this.#needsHead = !isWritten;
    this.#parts.chain?.settle(isWritten);
  }

  #isLate(batch: Batch): boolean {
    return this.#parts.clock.monotonic() - batch.begunMs >= this.#parts.limitMs;
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#parts.clock.after(lookEveryMs, () => this.#look());
  }

  #look(): void {
    const oldest = this.#writing ?? this.#open;
    if (oldest === undefined) {
      this.#isLooking = false;
      return;
    }
    this.#lookLater();
    if (!this.#isLate(oldest)) return;
    this.#isSlow = true;
    for (const batch of [this.#writing, this.#open]) batch?.written.reject(this.#refusal('it is too slow'));
  }

  /** The caller is told at once; the record still goes where it belongs, where there is room. */
  #passBy(records: readonly string[]): Promise<void> {
    if (this.#open === undefined) {
      this.#open = this.#begin();
      // Nobody may be waiting for it.
      this.#open.written.promise.catch(() => {});
    }
    const batch = this.#open;
    if (batch.text.length < keptLimit) for (const record of records) batch.text += `${record}\n`;
    return Promise.reject(this.#refusal('it is too slow'));
  }

  #refusal(reason: string): CofferError {
    return new CofferError('audit_failed', `audit device ${this.path}: ${reason}`);
  }
}
