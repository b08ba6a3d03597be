/**
 * A token as it is stored: one record under the keyed hash of its text, which is also its accessor. The text itself is
 * never stored. Times are whole seconds since 1970 UTC.
 */
export type TokenType = 'service' | 'batch';

export interface Token {
  /** Names the record; `''` for batch tokens, which have none. */
  readonly accessor: string;
  readonly type: TokenType;
  readonly policies: readonly string[];
  /** The request path that made it. */
  readonly path: string;
  readonly displayName: string;
  readonly meta: ReadonlyMap<string, string> | undefined;
  /** Uses left; 0 without limit; `spent` after the last. */
  readonly usesLeft: number;
  readonly createdAtSeconds: number;
  /** As granted at creation; 0 never expires. */
  readonly creationTtlSeconds: number;
  /** End of life; 0 never. */
  readonly expiresAtSeconds: number;
  readonly lastRenewedAtSeconds: number;
  readonly explicitMaxTtlSeconds: number;
  readonly periodSeconds: number;
  readonly renewable: boolean;
  /** Accessor of the parent; `''` for an orphan. */
  readonly parent: string;
  /** How many tokens stand above it, up to an orphan. */
  readonly generation: number;
  readonly role: string;
  readonly entityId: string;
  readonly boundCidrs: readonly string[];
  readonly namespaceId: string;
}

export const spent = -1;

export const isRoot = (token: Token): boolean => token.policies.includes('root');

export const isOrphan = (token: Token): boolean => token.parent === '' && token.type === 'service';

/** Seconds it still lives; 0 where it never ends. */
export const secondsLeft = (token: Token, nowSeconds: number): number =>
  token.expiresAtSeconds === 0 ? 0 : Math.max(0, token.expiresAtSeconds - nowSeconds);

export const expired = (token: Token, nowSeconds: number): boolean =>
  token.expiresAtSeconds !== 0 && token.expiresAtSeconds <= nowSeconds;
