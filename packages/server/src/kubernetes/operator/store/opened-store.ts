/** A store that is open: its provider, and whom to tell when it tells of a change. */
import type { Follower, Provider, RemoteRef, ToldChange } from '../../../contracts/provider.ts';
import { TermIndex } from '../term-index.ts';

export interface OpenProvider extends Provider {
  close(): Promise<void>;
}

/** Every way of a provider to be: not every store tells of changes. */
export type AnyProvider = OpenProvider & Partial<Follower>;

/** What one open store tells. */
export interface OpenedHearer {
  /** These read what has changed. */
  readonly told: (keys: readonly string[]) => void;
  /** Whatever has been read of it may have changed. */
  readonly missed: () => void;
  /** It tells nothing for now, or tells again. */
  readonly turned: () => void;
}

export interface OpenedParts {
  readonly provider: AnyProvider;
  readonly fingerprint: string;
  readonly hearer: OpenedHearer;
  /** The following ended by a fault. */
  readonly fault: (cause: unknown) => void;
}

export class OpenedStore {
  readonly #parts: OpenedParts;
  readonly #readers = new TermIndex();
  readonly #end = new AbortController();
  #isLost = false;
  #isFollowing = false;

  constructor(parts: OpenedParts) {
    this.#parts = parts;
  }

  get provider(): Provider {
    return this.#parts.provider;
  }

  get fingerprint(): string {
    return this.#parts.fingerprint;
  }

  /** It told of changes and does not at present: what happens to it is only seen by looking. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Where the store does not tell, or may not be followed, it says so: then this asks anew. */
  follow(): void {
    const { provider, hearer, fault } = this.#parts;
    if (this.#isFollowing || provider.follow === undefined) return;
    this.#isFollowing = true;
    const { told, missed } = hearer;
    const follow = {
      signal: this.#end.signal,
      changed: ({ key }: ToldChange) => told(this.#readers.keysOf(key)),
      missed,
      reaches: (isReached: boolean) => this.#turn(isReached),
    };
    provider
      .follow(follow)
      .catch(fault)
      .finally(() => (this.#isFollowing = false));
  }

  #turn(isReached: boolean): void {
    this.#isLost = !isReached;
    this.#parts.hearer.turned();
  }

  /** Before it reads: what changes between the two is told. */
  reads(key: string, refs: readonly RemoteRef[]): void {
    const { provider } = this.#parts;
    this.#readers.set(key, [...new Set(refs.map(ref => changeKeyOf(provider, ref)))]);
  }

  forget(key: string): void {
    this.#readers.delete(key);
  }

  /** Nobody reads from it any more. */
  get isIdle(): boolean {
    return this.#readers.isEmpty;
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#parts.provider.close();
  }
}

const changeKeyOf = (provider: AnyProvider, ref: RemoteRef): string => {
  try {
    return provider.changeKey?.(ref) ?? '';
  } catch {
    // A reference that cannot be one: reading it says so.
    return '';
  }
};
