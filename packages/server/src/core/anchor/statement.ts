/**
 * What an anchor says: of which store, how many marks that store had. A line of JSON with a MAC (HMAC-SHA256, RFC 2104) under a
 * key derived from the barrier's, so that only an open store can make one.
 */
import { sameSecret } from '../../platform/crypto/equal.ts';
import { derivedHmac, type TermKeys } from '../barrier/derived-key.ts';

const version = 1;
const purpose = 'coffer anchor';
/** Of texts that are read at all. */
const textLimit = 4096;

export interface Statement {
  /** In hex. */
  readonly store: string;
  /** The store has at least so many marks. */
  readonly sequence: number;
  /**
   * Or it is the one that was restored: SHA-256 of its mark's record as it lies there, in hex, `none` where it has no mark.
   * Only until it was opened.
   */
  readonly restored?: string | undefined;
}

export interface AnchorKeys extends TermKeys {
  readonly storeId: Uint8Array;
}

const signed = ({ store, sequence, restored }: Statement, term: number): string =>
  `${version} ${store} ${sequence} ${restored ?? '-'} ${term}`;

const macOf = (statement: Statement, term: number, keys: AnchorKeys): string | undefined => {
  const hmac = derivedHmac(keys, purpose, term);
  if (hmac === undefined) return undefined;
  const mac = hmac.hex(signed(statement, term));
  hmac.wipe();
  return mac;
};

/** Undefined where the store has no key of that term. Default: the term of now. */
export const statementText = (
  statement: Statement,
  keys: AnchorKeys,
  term = keys.keyStatus().term,
): string | undefined => {
  const mac = macOf(statement, term, keys);
  return mac && `${JSON.stringify({ version, ...statement, term, mac })}\n`;
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isHex = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{32,64}$/.test(value);

/**
 * `newer`: of a version that this one does not read. `foreign`: of another store. `later`: under a key term that this store does
 * not have yet. `forged`: not by this store, or damaged.
 */
export type Read = Statement | 'newer' | 'foreign' | 'later' | 'forged';

export const readStatement = (text: string, keys: AnchorKeys): Read => {
  const said = objectOf(text);
  if (said === undefined) return 'forged';
  const { store, sequence, restored, term, mac } = said;
  if (isCount(said['version']) && said['version'] > version) return 'newer';
  if (said['version'] !== version || !isHex(store) || !isCount(sequence) || !isCount(term) || !isHex(mac))
    return 'forged';
  if (restored !== undefined && restored !== 'none' && !isHex(restored)) return 'forged';
  if (store !== keys.storeId.toHex()) return 'foreign';
  if (term > keys.keyStatus().term) return 'later';
  const statement: Statement = { store, sequence, ...(restored === undefined ? {} : { restored }) };
  const expected = macOf(statement, term, keys);
  return expected !== undefined && sameSecret(expected, mac) ? statement : 'forged';
};

const objectOf = (text: string): { readonly [name: string]: unknown } | undefined => {
  if (text.length > textLimit) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
};
