/** Keys that wait, each once: one of each group in turn, so that nobody waits behind the crowd of somebody else. */
export class FairLane {
  readonly #groupOf: (key: string) => string;
  /** Whose turn it is stands first. */
  readonly #groups = new Map<string, Set<string>>();
  #size = 0;

  constructor(groupOf: (key: string) => string) {
    this.#groupOf = groupOf;
  }

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    return this.#groups.get(this.#groupOf(key))?.has(key) ?? false;
  }

  /** Does nothing where it waits already. */
  add(key: string): void {
    const group = this.#groupOf(key);
    const keys = this.#groups.get(group) ?? new Set();
    if (keys.has(key)) return;
    keys.add(key);
    this.#groups.set(group, keys);
    this.#size += 1;
  }

  delete(key: string): void {
    const group = this.#groupOf(key);
    const keys = this.#groups.get(group);
    if (keys?.delete(key) !== true) return;
    this.#size -= 1;
    if (keys.size === 0) this.#groups.delete(group);
  }

  /** The key that has waited longest in the group whose turn it is. */
  take(): string | undefined {
    const [first] = this.#groups;
    const [key] = first?.[1] ?? [];
    if (first === undefined || key === undefined) return undefined;
    const [group, keys] = first;
    this.delete(key);
    // To the end, where there are more.
    if (keys.size > 0) {
      this.#groups.delete(group);
      this.#groups.set(group, keys);
    }
    return key;
  }
}
