/**
 * What the last revision is, asked on a connection of its own, which never waits for the lock that commits hold. Those who
 * ask at the same time share a question that is sent after all of them asked. While anybody follows the changes it is
 * asked again and again, unless others ask anyhow; the server's word that there is something new only makes that earlier.
 */
import type { Moment } from '../../contracts/storage.ts';
import { momentMs, pollMs } from './bounds.ts';
import type { Step } from './driver.ts';
import { told } from './failure.ts';
import type { HeadMark } from './head.ts';
import type { Link } from './link.ts';
import { pause } from './retry.ts';
import { numberOf } from './wire.ts';

export interface PulseParts {
  readonly open: (limitMs: number) => Promise<Link>;
  readonly question: Step;
  readonly listen: Step;
  readonly mark: HeadMark;
}

export class Pulse {
  readonly #parts: PulseParts;
  #link: Link | undefined;
  #asking: Promise<Moment> | undefined;
  #next: Promise<Moment> | undefined;
  #followers = 0;
  #isPolling = false;
  #answeredMs = -Infinity;
  #wake: () => void = () => {};
  #isClosed = false;

  constructor(parts: PulseParts) {
    this.#parts = parts;
  }

  /** Rejects with `CofferError`. */
  moment(): Promise<Moment> {
    if (this.#asking === undefined) return this.#begin();
    this.#next ??= this.#asking.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<Moment> {
    this.#next = undefined;
    const asking = this.#ask().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    this.#asking = asking;
    return asking;
  }

  async #ask(): Promise<Moment> {
    const { question, mark } = this.#parts;
    try {
      const link = await this.#ready();
      const sent = mark.revision;
      const { rows } = await link.ask(question, momentMs);
      const row = rows[0] ?? [];
      const revision = mark.check(row, sent);
      mark.seen(revision);
      this.#answeredMs = performance.now();
      return { revision, timeMs: numberOf(row[1]) };
    } catch (cause) {
      throw told(cause);
    }
  }

  async #ready(): Promise<Link> {
    if (this.#link !== undefined && !this.#link.broken) return this.#link;
    const link = await this.#parts.open(momentMs);
    link.listen(
      () => this.#wake(),
      () => this.#wake(),
    );
    await link.run([this.#parts.listen], momentMs);
    if (this.#isClosed) void link.close();
    this.#link = link;
    return link;
  }

  /** Until the answer is called. */
  follow(): () => void {
    this.#followers++;
    if (this.#isPolling) this.#wake();
    else void this.#poll();
    let isOver = false;
    return () => {
      if (!isOver) this.#followers--;
      isOver = true;
    };
  }

  async #poll(): Promise<void> {
    this.#isPolling = true;
    for (let failed = 0; this.#followers > 0 && !this.#isClosed; ) {
      const isThere = await this.moment().then(
        () => true,
        () => false,
      );
      failed = isThere ? 0 : failed + 1;
      if (isThere) await this.#soon();
      else await pause(failed);
    }
    this.#isPolling = false;
  }

  /** Earlier where the server tells of something new, later where others have asked. */
  async #soon(): Promise<void> {
    for (let leftMs = pollMs; leftMs > 0; leftMs = this.#answeredMs + pollMs - performance.now())
      if (await this.#wokenWithin(leftMs)) return;
  }

  #wokenWithin(limitMs: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), limitMs).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#link?.close();
  }
}
