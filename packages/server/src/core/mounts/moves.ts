/** Moves of mounts whose outcome can still be asked for; forgotten when the process ends. */
export interface Move {
  readonly source: string;
  readonly target: string;
}

const rememberedMoves = 100;

export class Moves {
  readonly #moves = new Map<string, Move>();
  readonly #newId: () => string;

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Answers the id to ask for it with. */
  remember(move: Move): string {
    const [oldest] = this.#moves.keys();
    if (this.#moves.size >= rememberedMoves && oldest !== undefined) this.#moves.delete(oldest);
    const id = this.#newId();
    this.#moves.set(id, move);
    return id;
  }

  get(id: string): Move | undefined {
    return this.#moves.get(id);
  }
}
