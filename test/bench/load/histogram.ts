/**
 * Latencies in microseconds, counted in buckets no wider than 1/128 of their value. Recording allocates nothing.
 */
const exactLimit = 256;
const subBuckets = 128;
const bucketCount = exactLimit + 24 * subBuckets;

export class Histogram {
  readonly #counts = new Uint32Array(bucketCount);
  #total = 0;

  record(microseconds: number): void {
    const index = indexOf(Math.max(0, Math.min(microseconds, 2 ** 31 - 1)) | 0);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total += 1;
  }

  /** The value below which this share of all lies, rounded down to its bucket. */
  quantile(share: number): number {
    let left = Math.ceil(this.#total * share);
    for (let index = 0; index < bucketCount; index++) {
      left -= this.#counts[index] ?? 0;
      if (left <= 0) return valueOf(index);
    }
    return 0;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}

/** Eight leading bits choose the bucket. */
const indexOf = (value: number): number => {
  if (value < exactLimit) return value;
  const shift = 24 - Math.clz32(value);
  return exactLimit + (shift - 1) * subBuckets + ((value >>> shift) - subBuckets);
};

const valueOf = (index: number): number => {
  if (index < exactLimit) return index;
  const shift = Math.floor((index - exactLimit) / subBuckets) + 1;
  return (((index - exactLimit) % subBuckets) + subBuckets) * 2 ** shift;
};
