/**
 * Whether a batch is closed now or in a moment. Where the process has one core it cannot commit while it computes, so small
 * batches gain nothing: the next one is held back until most of those who committed lately have come again.
 */

/** Of those who committed lately, how many are waited for, and for how long. The others compute meanwhile. */
const awaitedShare = 0.9;
const heldMs = 2;

export class Holding {
  readonly #sharesCore: boolean;
  /** Commits that were under way or waiting when the last batch was done. */
  #lately = 0;
  #held: NodeJS.Timeout | undefined;

  constructor(sharesCore: boolean) {
    this.#sharesCore = sharesCore;
  }

  /** Calls `go` now, or once it has been held back. May be asked again meanwhile. */
  release(waiting: number, go: () => void): void {
    if (this.#sharesCore && waiting < this.#lately * awaitedShare) {
      this.#held ??= setTimeout(() => {
        this.#held = undefined;
        go();
      }, heldMs);
      return;
    }
    clearTimeout(this.#held);
    this.#held = undefined;
    go();
  }

  /** A batch is done. */
  done(commits: number): void {
    this.#lately = commits;
  }
}
