/**
 * A file whose content is rotated under us: a token, a certificate, an authority. One reading counts for a while. Where a
 * later one fails, what was read before is used on: rotation is not always one step.
 */
import type { Clock } from '../../../contracts/clock.ts';
import { readWhole } from '../../files/read.ts';
import { credentialFileLimitBytes, rereadMs } from '../bounds.ts';

export class RereadFile {
  readonly #path: string;
  readonly #clock: Clock;
  #content: Uint8Array | undefined;
  #readAtMs = 0;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Throws `usage` where it could never be read. */
  async content(): Promise<Uint8Array> {
    const nowMs = this.#clock.monotonic();
    if (this.#content !== undefined && nowMs - this.#readAtMs < rereadMs) return this.#content;
    try {
      this.#content = await readWhole(this.#path, credentialFileLimitBytes);
    } catch (error) {
      if (this.#content === undefined) throw error;
    }
    this.#readAtMs = nowMs;
    return this.#content;
  }

  /** The next `content` reads anew. */
  forget(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }
}
