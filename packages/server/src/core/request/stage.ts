/** A stage is one step of a request. It throws only `CofferError`; anything else is a bug and is answered as one. */
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';

export interface Stage {
  readonly name: string;
  /** Whether it runs once the request has failed. Default: never. */
  readonly afterFailure?: (exchange: Exchange) => boolean;
  readonly run: (exchange: Exchange, core: Core) => void | Promise<void>;
}
