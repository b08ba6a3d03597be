/** What the thread that writes tells those that only read when the store opens and closes. */
import type { SharedLedger } from '../ledger/view.ts';

export interface Opening {
  /** Is given away. */
  readonly rootKey: Uint8Array;
  /** Undefined where the store has none. */
  readonly ledger: SharedLedger | undefined;
}

/** The threads that answer what changes nothing. No call rejects. */
export interface Fronts {
  /** The store is open: they may serve. Resolves when they do, or will not. */
  opened(opening: Opening): Promise<void>;
  /** The ledger of the open store has moved into other memory. */
  moved(ledger: SharedLedger): void;
  /** Resolves when nothing that was decrypted is left in any of them. */
  closed(): Promise<void>;
}
