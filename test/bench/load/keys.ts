/** Which key comes next. Seeded: the same order in every run. */

/** Numbers from 0 to below 2^32, xorshift32: nearly free. */
const random = (): (() => number) => {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
};

const uniform = (keys: number): (() => number) => {
  const next = random();
  return () => next() % keys;
};

/** Zipf's law with exponent 1: key n is asked for 1/(n+1) times as often as key 0. */
const zipf = (keys: number): (() => number) => {
  const upTo = new Float64Array(keys);
  let sum = 0;
  for (let key = 0; key < keys; key++) upTo[key] = sum += 1 / (key + 1);
  const next = random();
  return () => {
    const wanted = (next() / 2 ** 32) * sum;
    let [low, high] = [0, keys - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((upTo[middle] ?? sum) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
};

/** How requests in random order are spread over the keys. */
export const distributions = { uniform, zipf } as const;
export type Distribution = keyof typeof distributions;
export const distributionNames = Object.keys(distributions) as readonly Distribution[];
