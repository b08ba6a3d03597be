/**
 * The newest state that is known of each object of one kind: what the watch tells, and what the API server answered to
 * our own writes, which is often earlier. Older news never replaces newer.
 */

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

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  entries(): IterableIterator<[string, T]> {
    return this.#objects.entries();
  }

  /** False: nothing new. */
  put(key: string, object: T): boolean {
    const known = this.#objects.get(key);
    if (known !== undefined && !isNewer(object.resourceVersion, known.resourceVersion)) return false;
    this.#objects.set(key, object);
    return true;
  }

  /** False: it was not known, or has been made anew since. */
  delete(key: string, resourceVersion: string): boolean {
    const known = this.#objects.get(key);
    if (known === undefined || isNewer(known.resourceVersion, resourceVersion)) return false;
    return this.#objects.delete(key);
  }
}
