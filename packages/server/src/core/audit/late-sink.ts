/**
 * A device that could not be opened when the store did: it is there, takes nothing, and is opened as soon as it can be.
 * Each record that it misses tries again, seldom enough that a dead device costs nothing, and never waits for it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditSink, Observed } from '../../contracts/audit.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';

export interface LateParts {
  readonly path: string;
  readonly type: string;
  readonly open: () => Promise<AuditSink & Partial<Observed>>;
  readonly clock: Clock;
  readonly log: Log;
}

export const retryMs = 5_000;

export class LateSink implements AuditSink, Observed {
  readonly path: string;
  readonly type: string;
  readonly #parts: LateParts;
  #sink: (AuditSink & Partial<Observed>) | undefined;
  #opening: Promise<void> | undefined;
  #isClosed = false;
  #nextTryMs: number;

  constructor(parts: LateParts) {
    this.path = parts.path;
    this.type = parts.type;
    this.#parts = parts;
    this.#nextTryMs = parts.clock.monotonic() + retryMs;
  }

  write(records: readonly string[]): Promise<void> {
    if (this.#sink !== undefined) return this.#sink.write(records);
    const now = this.#parts.clock.monotonic();
    if (now >= this.#nextTryMs) {
      this.#nextTryMs = now + retryMs;
      this.#open().catch(() => {});
    }
    return Promise.reject(new CofferError('audit_failed', `audit device ${this.path} is not open yet`));
  }

  reopen(): Promise<void> {
    return this.#sink === undefined ? this.#open() : this.#sink.reopen();
  }

  waiting(): number {
    return this.#sink?.waiting?.() ?? 0;
  }

  async watch(): Promise<boolean> {
    return (await this.#sink?.watch?.()) ?? false;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => {});
    await this.#sink?.close();
  }

  #open(): Promise<void> {
    this.#opening ??= this.#openOnce().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openOnce(): Promise<void> {
    const sink = await this.#parts.open();
    if (this.#isClosed) return sink.close();
    this.#sink = sink;
    this.#parts.log.write('info', 'an audit device is open at last', { device: this.path });
  }
}
