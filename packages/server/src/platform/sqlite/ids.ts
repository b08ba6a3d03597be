/** Which commits are under way or were made lately, so that one handed in twice is made once. */
import type { CommitResult } from '../../contracts/storage.ts';

/** Ids kept: at least this many, at most twice as many. */
export const idsKept = 8_192;

export class RecentIds {
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<CommitResult>>();

  add(id: string, revision: number): void {
    this.#young.set(id, revision);
    if (this.#young.size < idsKept) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** What was committed is no longer there. */
  forget(): void {
    this.#young = new Map();
    this.#old = new Map();
  }

  /** The answer of the commit with this id, where there is one; else that of `make`, called once. */
  once(id: string, make: () => Promise<CommitResult>): Promise<CommitResult> {
    const revision = this.#young.get(id) ?? this.#old.get(id);
    if (revision !== undefined) return Promise.resolve({ ok: true, revision });
    const running = this.#underWay.get(id);
    if (running !== undefined) return running;
    const made = make();
    this.#underWay.set(id, made);
    return made;
  }

  /** The commit is answered, with a revision where it was made. */
  settle(id: string, revision: number | undefined): void {
    this.#underWay.delete(id);
    if (revision !== undefined) this.add(id, revision);
  }
}
