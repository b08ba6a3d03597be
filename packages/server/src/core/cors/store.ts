/** The settings in force and their record. In force is what is stored: a change takes effect once it is durable. */
import type { MountStorage } from '../../contracts/engine.ts';
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

  constructor(storage: MountStorage) {
    this.#storage = storage;
    this.#records = new Collection<CorsSettings>(storage, 'config/', plainShape('CORS settings'));
  }

  /** Undefined while no other origin is let in. For every request: cheap. */
  get current(): CorsSettings | undefined {
    return this.#current;
  }

  async load(): Promise<void> {
    this.#current = (await this.#records.get(id))?.record;
  }

  unload(): void {
    this.#current = undefined;
  }

  put(settings: CorsSettings): Promise<void> {
    checkCors(settings);
    return this.#turns.take(async () => {
      await this.#storage.commit({ writes: [this.#records.put(id, settings)] });
      this.#current = settings;
    });
  }

  remove(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#storage.commit({ writes: [this.#records.remove(id)] });
      this.#current = undefined;
    });
  }
}
