/** Chance that is the same for the same seed: `sfc32`, seeded by words of the seed. Not for keys. */
import type { Random } from '@coffer/server/contracts/random.ts';

const rounds = 16;

export class Chance {
  readonly #state: Uint32Array;

  constructor(seed: number, stream = 0) {
    this.#state = Uint32Array.of(seed, seed / 2 ** 32, stream, 1);
    for (let round = 0; round < rounds; round++) this.#next();
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const sum = (a + b + d) >>> 0;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = c + (c << 3);
    this.#state[2] = ((c << 21) | (c >>> 11)) + sum;
    this.#state[3] = d + 1;
    return sum;
  }

  /** A whole number from 0, less than `bound`. */
  below(bound: number): number {
    return Math.floor((this.#next() / 2 ** 32) * bound);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True `percent` times in a hundred. */
  hits(percent: number): boolean {
    return this.below(100) < percent;
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#next() >>> 24);
  }
}

/** What the core takes for randomness. */
export const seededRandom = (chance: Chance): Random => ({
  bytes: length => chance.bytes(length),
  uuid: () => {
    const bytes = chance.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  },
});
