/**
 * The changes that this node made lately, so that those who follow here need not ask the database for what it has just been
 * told. A change never becomes another one: what is not here is read there.
 */
import type { Change } from '../../contracts/storage.ts';
import { readChange } from '../storage/change-entry.ts';
import { Cursor } from '../storage/cursor.ts';
import { ownChangesBytesLimit, ownChangesLimit } from './bounds.ts';

interface Kept {
  readonly change: Change;
  readonly bytes: number;
}

export class OwnChanges {
  /** In the order of revisions. */
  readonly #kept = new Map<number, Kept>();
  readonly #limit: number;
  #bytes = 0;

  /** No more than the history has. */
  constructor(historyLimit: number) {
    this.#limit = Math.min(historyLimit, ownChangesLimit);
  }

  add(revision: number, entry: Buffer): void {
    this.#kept.set(revision, { change: readChange(new Cursor(entry), revision), bytes: entry.length });
    this.#bytes += entry.length;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#kept.size <= this.#limit && this.#bytes <= ownChangesBytesLimit) return;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
    }
  }

  /** Those from this revision on that follow each other; none where it is not here. */
  from(revision: number, limit: number): readonly Change[] {
    const found: Change[] = [];
    for (let next = revision; found.length < limit; next++) {
      const kept = this.#kept.get(next);
      if (kept === undefined) break;
      found.push(kept.change);
    }
    return found;
  }

  /** What was made is no longer there. */
  forget(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }
}
