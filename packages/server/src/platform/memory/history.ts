/** The last commits of a memory store: their changes and their ids, as many as its limit. */
import type { Change } from '../../contracts/storage.ts';
import type { History } from '../storage/follow.ts';

interface Kept {
  readonly id: string;
  readonly change: Change;
}

export class RecentCommits implements History {
  readonly #limit: number;
  readonly #kept = new Map<number, Kept>();
  readonly #revisions = new Map<string, number>();
  #last = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Forgets all: what led to the revision it answers cannot be followed. */
  skip(): number {
    this.#kept.clear();
    this.#revisions.clear();
    this.#last += 2;
    return this.#last;
  }

  last(): number {
    return this.#last;
  }

  first(): number {
    return this.#last - this.#kept.size + 1;
  }

  revisionOf(id: string): number | undefined {
    return this.#revisions.get(id);
  }

  /** `change` has the revision after the last. */
  add(id: string, change: Change): void {
    this.#last = change.revision;
    this.#kept.set(change.revision, { id, change });
    this.#revisions.set(id, change.revision);
    const old = change.revision - this.#limit;
    const gone = this.#kept.get(old);
    if (gone === undefined) return;
    this.#kept.delete(old);
    this.#revisions.delete(gone.id);
  }

  read(from: number, limit: number): readonly Change[] {
    const changes: Change[] = [];
    for (let revision = from; changes.length < limit; revision++) {
      const kept = this.#kept.get(revision);
      if (kept === undefined) break;
      changes.push(kept.change);
    }
    return changes;
  }
}
