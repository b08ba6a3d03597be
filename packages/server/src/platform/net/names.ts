/**
 * Addresses of names. Whoever asks for a name that is already being asked for waits for the same answer: the system has few
 * threads for it, and a name whose servers do not answer would hold them all, and with them every other name.
 */
import type { LookupAddress, LookupAllOptions } from 'node:dns';

type Told = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
export type Resolver = (hostname: string, options: LookupAllOptions, told: Told) => void;

export class Names {
  readonly #resolver: Resolver;
  /** Those who wait for a name. Nothing is kept once it is answered. */
  readonly #waiting = new Map<string, Told[]>();

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  resolve(hostname: string, told: Told): void {
    const waiting = this.#waiting.get(hostname);
    if (waiting !== undefined) return void waiting.push(told);
    const all = [told];
    this.#waiting.set(hostname, all);
    this.#resolver(hostname, { all: true }, (error, addresses) => {
      this.#waiting.delete(hostname);
      for (const one of all) one(error, addresses);
    });
  }
}
