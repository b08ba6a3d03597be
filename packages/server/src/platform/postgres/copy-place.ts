/** Where copies lie on the node that makes or receives them: a folder of its own, made when the first one comes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';
import { Spools } from '../storage/spool.ts';

export class CopyPlace {
  #folder: string | undefined;
  #spools: Spools | undefined;

  spools(): Spools {
    this.#spools ??= new Spools(join(this.#make(), 'store'));
    return this.#spools;
  }

  #make(): string {
    try {
      this.#folder = mkdtempSync(join(tmpdir(), 'coffer-copies-'));
      return this.#folder;
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown failure';
      throw new CofferError(
        'storage_failed',
        `There is no place for a snapshot: the temporary folder cannot be written to (${code}).`,
        {
          cause,
        },
      );
    }
  }

  remove(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}
