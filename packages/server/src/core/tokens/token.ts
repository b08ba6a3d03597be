/**
 * A token as it is stored: one record under the keyed hash of its text, which is also its accessor. The text itself is
 * never stored. Times are whole seconds since 1970 UTC.
 */
import type { Workload } from '@coffer/schema/auth-request.ts';

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
  /** Of the login that it comes from, also by way of its parents. Set by auth methods alone. */
  readonly workload?: Workload | undefined;
  /** The mount whose auth method vouched for the caller; the token ends with it. Undefined where no method did. */
  readonly mountId?: string | undefined;
  /** Longest life by the role of that method, renewals included; 0 leaves it to the mount. */
  readonly maxTtlSeconds?: number | undefined;
  /** What the method needs to say whether it may be renewed. */
  readonly renewal?: ReadonlyMap<string, string> | undefined;
  readonly boundCidrs: readonly string[];
  readonly namespaceId: string;
}

/** As audit and look-ups name it. */
export const workloadAnswer = ({ namespace, serviceAccount, pod, node }: Workload) => ({
  namespace,
  service_account: serviceAccount,
  ...(pod === '' ? {} : { pod }),
  ...(node === '' ? {} : { node }),
});

export const spent = -1;

export const isRoot = (token: Token): boolean => token.policies.includes('root');

export const isOrphan = (token: Token): boolean => token.parent === '' && token.type === 'service';

/** Seconds it still lives; 0 where it never ends. */
export const secondsLeft = (token: Token, nowSeconds: number): number =>
  token.expiresAtSeconds === 0 ? 0 : Math.max(0, token.expiresAtSeconds - nowSeconds);

export const expired = (token: Token, nowSeconds: number): boolean =>
  token.expiresAtSeconds !== 0 && token.expiresAtSeconds <= nowSeconds;
