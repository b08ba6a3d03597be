/** Counts the requests that are inside a mount's engine, so that taking the mount away can wait until none is left. */
export class RequestCount {
  #count = 0;
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  /** One more is inside; the answer, called once, says that it has left. */
  enter(): () => void {
    this.#count++;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      if (--this.#count > 0) return;
      const all = this.#waiting;
      this.#waiting = [];
      for (const done of all) done();
    };
  }

  /** Resolves when none is inside. Who waits sees to it that no more come. */
  drained(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise(done => void this.#waiting.push(done));
  }
}
