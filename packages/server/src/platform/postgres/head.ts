/**
 * How far this node has seen the store come. The head row may only move on: where it is behind what was acknowledged, the
 * database was put back or a standby took over that had not received everything, and what this process holds is of a
 * store that no longer is. Then the process must end, and begin anew with what is there.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { type Head, headOf } from './migrate.ts';
import type { Row } from './wire.ts';

export interface MarkParts {
  readonly first: Head;
  readonly fatal: (error: CofferError) => void;
  /** There is something new. */
  readonly moved: () => void;
}

export class HeadMark {
  readonly #parts: MarkParts;
  #revision: number;
  #broken: CofferError | undefined;

  constructor(parts: MarkParts) {
    this.#parts = parts;
    this.#revision = parts.first.revision;
  }

  get revision(): number {
    return this.#revision;
  }

  /** `least`: what was acknowledged before the row was read. Throws `CofferError`. */
  check(row: Row, least: number): number {
    if (this.#broken !== undefined) throw this.#broken;
    const { revision, store } = headOf(row);
    if (store !== this.#parts.first.store) throw this.#break('the tables are those of another store');
    if (revision < least) throw this.#break(`it is at revision ${revision}, but ${least} had been acknowledged`);
    return revision;
  }

  #break(reason: string): CofferError {
    this.#broken = new CofferError('data_corrupt', `The database went back: ${reason}.`);
    this.#parts.fatal(this.#broken);
    return this.#broken;
  }

  seen(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    this.#parts.moved();
  }
}
