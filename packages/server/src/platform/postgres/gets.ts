/** Single gets: those asked for in one turn of the event loop, or while all connections are busy, share a query. */
import type { Stored } from '../../contracts/storage.ts';
import { getConnections, getKeysLimit } from './bounds.ts';
import { type Row, numberOf, textOf, valueOf } from './wire.ts';

interface Waiting {
  readonly resolve: (stored: Stored | undefined) => void;
  readonly reject: (cause: unknown) => void;
}

type Asked = readonly (readonly [key: string, waiting: readonly Waiting[]])[];

export class Gets {
  readonly #read: (keys: readonly Buffer[]) => Promise<readonly Row[]>;
  readonly #waiting = new Map<string, Waiting[]>();
  #underWay = 0;
  #armed = false;

  /** `read`: rows of key, revision and value. */
  constructor(read: (keys: readonly Buffer[]) => Promise<readonly Row[]>) {
    this.#read = read;
  }

  get(key: string): Promise<Stored | undefined> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(key) ?? [];
      waiting.push({ resolve, reject });
      this.#waiting.set(key, waiting);
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#armed || this.#waiting.size === 0 || this.#underWay >= getConnections) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      const asked = [...this.#waiting].slice(0, getKeysLimit);
      for (const [key] of asked) this.#waiting.delete(key);
      void this.#ask(asked);
      this.#arm();
    });
  }

  async #ask(asked: Asked): Promise<void> {
    this.#underWay++;
    try {
      const rows = await this.#read(asked.map(([key]) => Buffer.from(key)));
      const found = new Map(rows.map(row => [textOf(row[0]), row]));
      for (const [key, waiting] of asked) for (const { resolve } of waiting) resolve(storedOf(found.get(key)));
    } catch (cause) {
      for (const [, waiting] of asked) for (const { reject } of waiting) reject(cause);
    } finally {
      this.#underWay--;
      this.#arm();
    }
  }
}

/** A copy for each who asked. */
const storedOf = (row: Row | undefined): Stored | undefined =>
  row === undefined ? undefined : { value: valueOf(row[2]), revision: numberOf(row[1]) };
