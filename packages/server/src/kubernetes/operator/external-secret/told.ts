/** ExternalSecrets whose stores told of a change, or may have failed to, until they have been read again. */
export class Told {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.add(key);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Before it is read: what is told from here on counts anew. */
  clear(key: string): void {
    this.#keys.delete(key);
  }
}
