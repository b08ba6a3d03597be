/**
 * Requests under way with tokens that are good for a number of requests. A token whose uses are spent is revoked when the
 * last of them is through: a request whose use was counted must not be refused because another took the one after it.
 */
import { spent, type Token } from './token.ts';

interface UnderWay {
  requests: number;
  isSpent: boolean;
}

export class Uses {
  /** Bounded by the requests the server takes in. */
  readonly #underWay = new Map<string, UnderWay>();
  readonly #revoke: (accessor: string) => Promise<unknown>;

  constructor(revoke: (accessor: string) => Promise<unknown>) {
    this.#revoke = revoke;
  }

  /** One more request is inside; the answer, called once, says that it is through. */
  enter({ accessor, usesLeft }: Token): () => Promise<unknown> {
    const own = this.#underWay.get(accessor) ?? { requests: 0, isSpent: false };
    own.requests++;
    own.isSpent ||= usesLeft === spent;
    this.#underWay.set(accessor, own);
    return async () => {
      if (--own.requests > 0) return;
      this.#underWay.delete(accessor);
      if (own.isSpent) await this.#revoke(accessor);
    };
  }
}
