/** The configuration while the server runs: what is in force of it, and taking parts of it anew. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { LiveConfiguration } from '../../core/request/core.ts';
import type { OpenLog } from '../../platform/log/standard.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { sanitized } from '../configuration/sanitized.ts';
import { type Reloadable, reloadableParts, reloadPart } from './reload.ts';

export interface LiveParts {
  readonly log: OpenLog;
  /** Reads its files again; undefined where there are none. */
  readonly readAgain: (() => Promise<Configuration>) | undefined;
}

export class Live implements LiveConfiguration {
  readonly parts = reloadableParts;
  readonly #parts: LiveParts;
  #inForce: Configuration;
  #running: Reloadable | undefined;

  constructor(configuration: Configuration, parts: LiveParts) {
    this.#inForce = configuration;
    this.#parts = parts;
  }

  shown(): ReturnType<typeof sanitized> {
    return sanitized(this.#inForce);
  }

  /** The server is up. */
  serve(running: Reloadable): void {
    this.#running = running;
  }

  /** What may change was taken of this one. */
  adopt({ logLevel, audit }: Pick<Configuration, 'logLevel' | 'audit'>): void {
    this.#inForce = { ...this.#inForce, logLevel, audit };
  }

  async reload(part: string): Promise<void> {
    const { log, readAgain } = this.#parts;
    if (readAgain === undefined || this.#running === undefined)
      throw new CofferError('invalid_request', 'this server has no configuration files to read again');
    const next = await readAgain();
    await reloadPart(part, this.#running, next);
    if (part === 'log_level') log.setLevel(next.logLevel);
    const { logLevel, audit } = this.#inForce;
    this.adopt({
      logLevel: part === 'log_level' ? next.logLevel : logLevel,
      audit: part === 'audit' ? next.audit : audit,
    });
  }
}
