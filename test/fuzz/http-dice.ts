/** A small seeded generator (mulberry32): the same seed gives the same run, so a failure can be repeated. */
export interface Dice {
  /** 0 ≤ n < limit */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  /** True once in `times`. */
  chance(times: number): boolean;
}

export function seededDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: from => from[below(from.length)] as (typeof from)[number],
    chance: times => below(times) === 0,
  };
}
