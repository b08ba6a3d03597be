/**
 * Moves of mounts whose outcome can still be asked for, also after a restart: the newest `rememberedMoves`. A move is
 * written down once it is done, so one that a crash cut off before that was answered to nobody.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';

export interface Move {
  readonly source: string;
  readonly target: string;
}

interface Moved extends Move {
  readonly atMs: number;
}

export interface MovesParts {
  /** The core's own records. */
  readonly storage: MountStorage;
  readonly clock: Clock;
  readonly newId: () => string;
}

export const rememberedMoves = 100;

export class Moves {
  readonly #parts: MovesParts;
  readonly #moved: Collection<Moved>;

  constructor(parts: MovesParts) {
    this.#parts = parts;
    this.#moved = new Collection<Moved>(parts.storage, 'mount-moved/', plainShape('mount move'));
  }

  /** Answers the id to ask for it with. Called for one after the other. */
  async remember({ source, target }: Move): Promise<string> {
    const { storage, clock, newId } = this.#parts;
    const id = newId();
    const before = await this.#moved.list();
    const old = before.toSorted((one, other) => other.record.atMs - one.record.atMs).slice(rememberedMoves - 1);
    const moved = { source, target, atMs: clock.now() };
    await storage.commit({ writes: [this.#moved.put(id, moved), ...old.map(one => this.#moved.remove(one.id))] });
    return id;
  }

  async get(id: string): Promise<Move | undefined> {
    return (await this.#moved.get(id))?.record;
  }
}
