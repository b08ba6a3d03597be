/**
 * Keeps a token alive: renews it when two thirds of its time have passed, repeats a failed renewal while there is time
 * left, and says when it cannot: a token that is not renewable, reached its end, or was refused.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Answer } from './answer.ts';
import { numberIn } from './members.ts';
import type { Runtime } from './runtime.ts';

export interface KeepAliveOptions {
  readonly onRenewed?: (leaseDurationSeconds: number) => void;
  /** Called once, at the end: the token will not be renewed again. Not called after `stop`. */
  readonly onEnded?: (reason: CofferError) => void;
}

export interface KeepAlive {
  stop(): void;
}

export interface TokenCalls {
  renew(): Promise<Answer>;
  lookup(): Promise<Answer>;
}

const leastWaitSeconds = 1;
/** Longest single wait: timers hold 31 bits of milliseconds. */
const longestWaitSeconds = 1_000_000;
/** A renewal that gives less than this share of what the token had is its last: it is reaching its end. */
const shrinkingShare = 0.1;

const isFinal = (error: unknown): boolean =>
  error instanceof CofferError && !error.facts.retry && error.code !== 'internal';

const asError = (error: unknown): CofferError =>
  error instanceof CofferError ? error : new CofferError('internal', 'token renewal failed', { cause: error });

const notRenewable = (): CofferError => new CofferError('invalid_request', 'the token is not renewable');

class Keeper implements KeepAlive {
  readonly #calls: TokenCalls;
  readonly #runtime: Runtime;
  readonly #options: KeepAliveOptions;
  #cancel = (): void => undefined;
  #stopped = false;
  #longestSeconds = 0;
  /** Time left when the last renewal came, less what was waited since. */
  #leftSeconds = 0;

  constructor(calls: TokenCalls, runtime: Runtime, options: KeepAliveOptions) {
    this.#calls = calls;
    this.#runtime = runtime;
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async start(): Promise<void> {
    try {
      const data = (await this.#calls.lookup()).data ?? new Map();
      const ttlSeconds = numberIn(data, 'ttl');
      if (data.get('renewable') !== true) return this.#end(notRenewable());
      this.#renewedFor(ttlSeconds);
    } catch (error) {
      this.#end(asError(error));
    }
  }

  #renewedFor(ttlSeconds: number): void {
    this.#longestSeconds = Math.max(this.#longestSeconds, ttlSeconds);
    this.#leftSeconds = ttlSeconds;
    this.#wait((ttlSeconds * 2) / 3);
  }

  #wait(seconds: number): void {
    if (this.#stopped) return;
    const waitSeconds = Math.min(Math.max(seconds, leastWaitSeconds), longestWaitSeconds);
    this.#cancel = this.#runtime.after(waitSeconds * 1000, () => {
      this.#leftSeconds -= waitSeconds;
      void this.#renew();
    });
  }

  async #renew(): Promise<void> {
    try {
      const auth = (await this.#calls.renew()).auth;
      if (this.#stopped) return;
      const seconds = auth?.leaseDurationSeconds ?? 0;
      if (auth?.renewable !== true || seconds <= this.#longestSeconds * shrinkingShare) {
        return this.#end(new CofferError('invalid_request', 'the token has reached the end of its life'));
      }
      this.#options.onRenewed?.(seconds);
      this.#renewedFor(seconds);
    } catch (error) {
      if (this.#stopped) return;
      if (isFinal(error) || this.#leftSeconds <= leastWaitSeconds) return this.#end(asError(error));
      this.#wait(this.#leftSeconds / 3);
    }
  }

  #end(reason: CofferError): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.onEnded?.(reason);
  }
}

/** Starts at once with a look at the token; what fails is told to `onEnded`, never thrown. */
export const keepAlive = (calls: TokenCalls, runtime: Runtime, options: KeepAliveOptions): KeepAlive => {
  const keeper = new Keeper(calls, runtime, options);
  void keeper.start();
  return keeper;
};
