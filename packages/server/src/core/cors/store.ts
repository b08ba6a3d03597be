/** The settings in force and their record. In force is what is stored: a change takes effect once it is durable. */
import type { MountStorage } from '../../contracts/engine.ts';
import type { Write } from '../../contracts/storage.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import { Turns } from '../turns.ts';
import { checkCors, type CorsSettings } from './settings.ts';

const id = 'cors';

export class CorsStore {
  readonly #storage: MountStorage;
  readonly #records: Collection<CorsSettings>;
  readonly #turns = new Turns();
  #current: CorsSettings | undefined;
  /** Counts openings and closings: what was changed before one is not put in force after it. */
  #openings = 0;

  constructor(storage: MountStorage) {
    this.#storage = storage;
    this.#records = new Collection<CorsSettings>(storage, 'config/', plainShape('CORS settings'));
  }

  /** Undefined while no other origin is let in. For every request: cheap. */
  get current(): CorsSettings | undefined {
    return this.#current;
  }

  async load(): Promise<void> {
    this.#openings++;
    this.#current = (await this.#records.get(id))?.record;
  }

  unload(): void {
    this.#openings++;
    this.#current = undefined;
  }

  /** In force is what is stored by now: another node may have changed it. */
  follow(): Promise<void> {
    return this.#turns.take(async () => {
      const before = this.#openings;
      const stored = (await this.#records.get(id))?.record;
      if (before === this.#openings) this.#current = stored;
    });
  }

  put(settings: CorsSettings): Promise<void> {
    checkCors(settings);
    return this.#change(this.#records.put(id, settings), settings);
  }

  remove(): Promise<void> {
    return this.#change(this.#records.remove(id), undefined);
  }

  #change(write: Write, settings: CorsSettings | undefined): Promise<void> {
    return this.#turns.take(async () => {
      const before = this.#openings;
      await this.#storage.commit({ writes: [write] });
      if (before === this.#openings) this.#current = settings;
    });
  }
}
