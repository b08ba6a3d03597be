/** MACs under keys that are derived from the barrier's, one for each purpose; the derived key itself is not kept. */
import { HmacKey } from '../../platform/crypto/hash.ts';

export interface Deriving {
  /** As the barrier does; undefined where there is no such term. */
  derive(purpose: string, term: number): Uint8Array | undefined;
}

export interface TermKeys extends Deriving {
  keyStatus(): { readonly term: number };
}

/** Whoever asks wipes it. */
export const derivedHmac = (keys: Deriving, purpose: string, term: number): HmacKey | undefined => {
  const key = keys.derive(purpose, term);
  if (key === undefined) return undefined;
  const hmac = new HmacKey(key);
  key.fill(0);
  return hmac;
};
