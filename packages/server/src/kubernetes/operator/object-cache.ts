/**
 * The newest state that is known of each object of one kind: what the watch tells, and what the API server answered to
 * our own writes, which is often earlier. Older news never replaces newer.
 */

/** The watch, or the API server's answer to a write of ours. */
export type Source = 'watch' | 'answer';

interface Versioned {
  readonly resourceVersion: string;
}

/** Resource versions are whole numbers that grow (KEP-5504). What is no number is taken as newer: better once too often. */
export const isNewer = (version: string, than: string): boolean => {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return version !== than;
  return version.length === than.length ? version > than : version.length > than.length;
};

export class ObjectCache<T extends Versioned> {
  readonly #objects = new Map<string, T>();
  /** How far the watch has come. */
  #toldUpTo = '';

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  entries(): IterableIterator<[string, T]> {
    return this.#objects.entries();
  }

  /**
   * False: nothing new, or an answer to a write of ours that is older than the news that the object is gone: what the
   * watch told of and is not here any more does not come back because its answer was slower.
   */
  put(key: string, object: T, from: Source = 'watch'): boolean {
    if (from === 'watch') this.#hear(object.resourceVersion);
    const newest = this.#objects.get(key)?.resourceVersion ?? (from === 'answer' ? this.#toldUpTo : undefined);
    if (newest !== undefined && !isNewer(object.resourceVersion, newest)) return false;
    this.#objects.set(key, object);
    return true;
  }

  /** It is not there at this version. False: it was not known, or has been written or made anew since. */
  delete(key: string, goneAt: string): boolean {
    this.#hear(goneAt);
    const known = this.#objects.get(key);
    if (known === undefined || isNewer(known.resourceVersion, goneAt)) return false;
    return this.#objects.delete(key);
  }

  #hear(version: string): void {
    if (isNewer(version, this.#toldUpTo)) this.#toldUpTo = version;
  }
}
