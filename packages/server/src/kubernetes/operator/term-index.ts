/** Which keys have to do with a term: objects by what they refer to. */
export class TermIndex {
  readonly #byTerm = new Map<string, Set<string>>();
  readonly #byKey = new Map<string, readonly string[]>();

  /** No key has to do with any. */
  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** The key has to do with these terms, and with no others any more. */
  set(key: string, terms: readonly string[]): void {
    this.delete(key);
    if (terms.length === 0) return;
    this.#byKey.set(key, terms);
    for (const term of terms) {
      const keys = this.#byTerm.get(term);
      if (keys === undefined) this.#byTerm.set(term, new Set([key]));
      else keys.add(key);
    }
  }

  delete(key: string): void {
    for (const term of this.#byKey.get(key) ?? []) {
      const keys = this.#byTerm.get(term);
      keys?.delete(key);
      if (keys?.size === 0) this.#byTerm.delete(term);
    }
    this.#byKey.delete(key);
  }

  keysOf(term: string): readonly string[] {
    return [...(this.#byTerm.get(term) ?? [])];
  }
}
