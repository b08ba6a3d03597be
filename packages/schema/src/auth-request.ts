/**
 * What an auth method answers to a login: who it is, and what a token for them may be. It is a wish; the core alone makes
 * tokens, within what the mount and the store allow. Times are seconds; 0 is "not said".
 */

/** Where in a cluster a caller runs, as far as there is proof of it; '' where there is none. */
export interface Workload {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string;
  readonly node: string;
}

/** `default`: as the mount says. `default-…`: unless the mount says something else. */
export const tokenTypes = ['default', 'default-service', 'default-batch', 'service', 'batch'] as const;
export type WantedTokenType = (typeof tokenTypes)[number];

/** What a role says of the tokens that are made through it. */
export interface TokenRules {
  readonly policies: readonly string[];
  readonly noDefaultPolicy: boolean;
  readonly ttlSeconds: number;
  readonly maxTtlSeconds: number;
  readonly explicitMaxTtlSeconds: number;
  readonly periodSeconds: number;
  readonly numUses: number;
  readonly boundCidrs: readonly string[];
  readonly strictlyBindIp: boolean;
  readonly type: WantedTokenType;
}

/** The same caller has the same name at the same mount, for ever. */
export interface LoginAlias {
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface AuthRequest {
  readonly alias: LoginAlias;
  readonly displayName: string;
  /** Shown in look-ups and in audit. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly rules: TokenRules;
  readonly workload?: Workload;
  /** All that the method will need to say whether the token may be renewed: names, no secret. */
  readonly renewal: ReadonlyMap<string, string>;
}
