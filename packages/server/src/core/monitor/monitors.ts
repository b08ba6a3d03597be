/**
 * All who follow the server's log. Bounded; looks twice a second whether each may go on, while there is somebody.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { LogTap, Tapped } from '../../contracts/log.ts';
import type { PolicyStore } from '../policies/store.ts';
import { Rounds } from '../rounds.ts';
import type { TokenStore } from '../tokens/store.ts';
import type { Token } from '../tokens/token.ts';
import { type Ending, endings, Monitor } from './monitor.ts';

export const monitorsLimit = 32;
/** One that may not go on ends within two of these. */
const checkEveryMs = 400;

export interface MonitorsParts {
  readonly tap: LogTap;
  readonly tokens: Pick<TokenStore, 'admitted'>;
  readonly policies: Pick<PolicyStore, 'aclFor'>;
  readonly clock: Clock;
}

export interface MonitorAsked extends Tapped {
  readonly token: Token;
  readonly path: string;
}

export class Monitors {
  readonly #parts: MonitorsParts;
  /** Each with what ends its tap. */
  readonly #all = new Map<Monitor, () => void>();
  readonly #checks: Rounds;

  constructor(parts: MonitorsParts) {
    this.#parts = parts;
    this.#checks = new Rounds({ clock: parts.clock, everyMs: checkEveryMs, look: () => this.#check() });
  }

  get count(): number {
    return this.#all.size;
  }

  /** From now on. Throws `quota_exceeded`. Whoever gets it reads it to its end, or says that nobody will. */
  follow({ token, path, level, format }: MonitorAsked): Monitor {
    if (this.count >= monitorsLimit)
      throw new CofferError('quota_exceeded', 'too many follow the log already', { retryAfterSeconds: 5 });
    const monitor = new Monitor({ token, path, left: one => this.#left(one) });
    this.#all.set(
      monitor,
      this.#parts.tap.follow({ level, format }, line => monitor.take(line)),
    );
    if (this.count === 1) this.#checks.start();
    return monitor;
  }

  endAll(reason: Ending): void {
    for (const monitor of this.#all.keys()) monitor.end(reason);
  }

  #left(monitor: Monitor): void {
    this.#all.get(monitor)?.();
    this.#all.delete(monitor);
    if (this.count === 0) this.#checks.stop();
  }

  async #check(): Promise<void> {
    for (const monitor of this.#all.keys()) {
      const may = await this.#may(monitor).catch(() => false);
      if (!may) monitor.end(endings.denied);
    }
  }

  async #may({ follower: { token, path } }: Monitor): Promise<boolean> {
    const found = await this.#parts.tokens.admitted(token);
    const acl = found && (await this.#parts.policies.aclFor(found));
    return acl?.decide({ path, capability: 'read' }).allowed === true;
  }
}
