/**
 * Requests that come at a steady rate, whether the server keeps up or not. One that finds no free connection waits, and its time
 * counts from when it came: a server that stands still for a moment has kept all of those waiting.
 */
export class Arrivals {
  readonly #everyMs: number;
  readonly #free: ((cameAtMs: number) => void)[] = [];
  /** When those came that wait. */
  readonly #waiting: number[] = [];
  #nextAtMs: number;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  constructor(perSecond: number, nowMs: number) {
    this.#everyMs = 1000 / perSecond;
    this.#nextAtMs = nowMs;
    this.#timer = setInterval(() => this.come(performance.now()), 1);
  }

  /** All that are due by now. */
  come(nowMs: number): void {
    for (; this.#nextAtMs <= nowMs && !this.#isOver; this.#nextAtMs += this.#everyMs) {
      const send = this.#free.pop();
      if (send === undefined) this.#waiting.push(this.#nextAtMs);
      else send(this.#nextAtMs);
    }
  }

  /** A connection is free: `send` is called with when its request came, at once where one waits. */
  ready(send: (cameAtMs: number) => void): void {
    const cameAtMs = this.#waiting.shift();
    if (cameAtMs === undefined) this.#free.push(send);
    else send(cameAtMs);
  }

  /** Nobody comes any more; those that wait are still served. */
  end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get free(): number {
    return this.#free.length;
  }
}
