/** A mount: an engine's rows at a path, with the records it owns. Its id is in storage keys, so renaming rewrites nothing. */
import type { TokenRules } from '@coffer/schema/auth-request.ts';
import type { LeaseSpan } from '../../contracts/engine.ts';
import type { RowTable } from './row-table.ts';
import type { RequestCount } from './running.ts';

export type MountClass = 'secret' | 'auth';

/** 0 seconds: the system's default. */
export interface MountConfig {
  readonly defaultLeaseSeconds: number;
  readonly maxLeaseSeconds: number;
  readonly forceNoCache: boolean;
  readonly listingVisibility: '' | 'unauth' | 'hidden';
  readonly auditNonHmacRequestKeys: readonly string[];
  readonly auditNonHmacResponseKeys: readonly string[];
  readonly passthroughRequestHeaders: readonly string[];
  readonly allowedResponseHeaders: readonly string[];
  readonly tokenType: string;
}

/** What is stored of a mount. */
export interface MountRecord {
  readonly id: string;
  readonly class: MountClass;
  /** With a trailing `/`, without `auth/`. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
  readonly accessor: string;
  readonly local: boolean;
  readonly externalEntropyAccess: boolean;
  readonly options: ReadonlyMap<string, string>;
  readonly config: MountConfig;
  /** Being removed: serves nothing, its records are deleted in steps. */
  readonly leaving?: true;
  /** Being upgraded to these options: refuses service until its records are rewritten. */
  readonly upgradingTo?: ReadonlyMap<string, string>;
}

/** What the mount's engine does about its leases, in the mount's own context. */
export interface LeaseWork {
  revoke(data: ReadonlyMap<string, string>): Promise<void> | void;
  readonly renew: ((data: ReadonlyMap<string, string>, span: LeaseSpan) => Promise<void> | void) | undefined;
}

export type RenewLogin = (renewal: ReadonlyMap<string, string>) => Promise<TokenRules> | TokenRules;

/** A mount that serves. */
export interface Mount {
  readonly record: MountRecord;
  /** As in request paths: `secret/`, `auth/token/`. */
  readonly prefix: string;
  readonly table: RowTable;
  /** Makes the context that the mount's rows get for one request. */
  readonly contextFor: (request: never) => unknown;
  /** Requests inside the engine now. */
  readonly running: RequestCount;
  /** Undefined where its engine gives no leases. */
  readonly leaseWork?: LeaseWork | undefined;
  /** What a token of a login here may be renewed to; throws where it may not. Undefined where its engine does not say. */
  readonly renewLogin?: RenewLogin | undefined;
}

export const plainMountConfig: MountConfig = Object.freeze({
  defaultLeaseSeconds: 0,
  maxLeaseSeconds: 0,
  forceNoCache: false,
  listingVisibility: '',
  auditNonHmacRequestKeys: [],
  auditNonHmacResponseKeys: [],
  passthroughRequestHeaders: [],
  allowedResponseHeaders: [],
  tokenType: '',
});
