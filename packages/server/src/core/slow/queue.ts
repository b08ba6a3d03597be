/**
 * Slow cryptography in turn: a few at once, so that the threads that do it have room left for files; the mounts one after the
 * other, so that none waits for all that another has asked for; and a bounded number waiting. What waits is given up when its
 * caller is gone, and all of it when the store is sealed.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Slow, SlowName, SlowWork } from '../../contracts/slow.ts';

export interface SlowLimits {
  /** Running at once. */
  readonly running: number;
  readonly waiting: number;
  /** Waiting of one mount. */
  readonly waitingOfOne: number;
}

/** Node's pool has four threads: audit files, name look-ups and reads of files keep two of them. */
export const slowLimits: SlowLimits = { running: 2, waiting: 512, waitingOfOne: 128 };

const retryAfterSeconds = 2;

/** Who asks. */
export interface SlowAsker {
  readonly mountId: string;
  /** Nobody waits for the answer any more. */
  readonly isGone: () => boolean;
}

interface Waiting {
  readonly asker: SlowAsker;
  readonly start: () => void;
  readonly refuse: (cause: CofferError) => void;
}

export class SlowQueue {
  readonly #work: Slow;
  readonly #limits: SlowLimits;
  /** By mount, the one whose turn is next first; a mount that waits for nothing has no line. */
  readonly #lines = new Map<string, Waiting[]>();
  /** What was begun and has an asker still. */
  readonly #begun = new Set<(cause: CofferError) => void>();
  #running = 0;
  #waiting = 0;

  constructor(work: Slow, limits = slowLimits) {
    this.#work = work;
    this.#limits = limits;
  }

  /** Also of what nobody waits for any more. */
  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  for(asker: SlowAsker): Slow {
    return (name, asked) => this.#ask(asker, name, asked);
  }

  /** All are refused; what a thread has begun it ends, and what comes of it is wiped. */
  endAll(): void {
    const lines = Array.from(this.#lines.values());
    this.#lines.clear();
    this.#waiting = 0;
    for (const { refuse } of lines.flat()) refuse(sealed());
    for (const refuse of this.#begun) refuse(sealed());
    this.#begun.clear();
  }

  #ask<Name extends SlowName>(
    asker: SlowAsker,
    name: Name,
    asked: SlowWork[Name]['asked'],
  ): Promise<SlowWork[Name]['made']> {
    if (this.#running < this.#limits.running && this.#waiting === 0) return this.#run(name, asked);
    if (this.#isFull(asker)) this.#dropGone();
    if (this.#isFull(asker)) return Promise.reject(tooMany());
    const { promise, resolve, reject } = Promise.withResolvers<SlowWork[Name]['made']>();
    const line = this.#lines.get(asker.mountId) ?? [];
    line.push({ asker, start: () => resolve(this.#run(name, asked)), refuse: reject });
    this.#lines.set(asker.mountId, line);
    this.#waiting++;
    return promise;
  }

  #isFull({ mountId }: SlowAsker): boolean {
    const { waiting, waitingOfOne } = this.#limits;
    return this.#waiting >= waiting || (this.#lines.get(mountId)?.length ?? 0) >= waitingOfOne;
  }

  #run<Name extends SlowName>(name: Name, asked: SlowWork[Name]['asked']): Promise<SlowWork[Name]['made']> {
    const { promise, resolve, reject } = Promise.withResolvers<SlowWork[Name]['made']>();
    this.#running++;
    this.#begun.add(reject);
    // Settles the promise once more where the store was sealed meanwhile, which does nothing.
    this.#work(name, asked)
      .then(made => (this.#begun.has(reject) ? resolve(made) : wipe(made)), reject)
      .finally(() => {
        this.#begun.delete(reject);
        this.#running--;
        this.#next();
      });
    return promise;
  }

  #next(): void {
    while (this.#running < this.#limits.running) {
      const next = this.#take();
      if (next === undefined) return;
      if (next.asker.isGone()) next.refuse(gone());
      else next.start();
    }
  }

  /** Of the mount whose turn it is, which comes last then. */
  #take(): Waiting | undefined {
    const [first] = this.#lines;
    if (first === undefined) return undefined;
    const [mountId, line] = first;
    const taken = line.shift();
    this.#lines.delete(mountId);
    if (line.length > 0) this.#lines.set(mountId, line);
    this.#waiting--;
    return taken;
  }

  #dropGone(): void {
    for (const [mountId, line] of this.#lines) {
      const left = line.filter(({ asker }) => !asker.isGone());
      for (const { asker, refuse } of line) if (asker.isGone()) refuse(gone());
      this.#waiting -= line.length - left.length;
      if (left.length === 0) this.#lines.delete(mountId);
      else this.#lines.set(mountId, left);
    }
  }
}

const tooMany = (): CofferError =>
  new CofferError('quota_exceeded', 'too many requests wait for keys to be made or used; try again', {
    retryAfterSeconds,
  });

const sealed = (): CofferError => new CofferError('sealed', 'Vault is sealed');

const gone = (): CofferError => new CofferError('request_timeout', 'the caller is gone');

const wipe = (made: SlowWork[SlowName]['made']): void => {
  if (made instanceof Uint8Array) made.fill(0);
  else made.privateKey.fill(0);
};
