/**
 * How long a lease lives: what its engine asks, within what its mount allows, else the system. The same rules as for
 * tokens, counted from when the lease was made.
 */
import type { SystemTtl } from '../mounts/lease-times.ts';
import { grantTtl, type TtlGrant } from '../tokens/ttl.ts';

export interface LeaseTtlRequest {
  readonly nowSeconds: number;
  readonly issuedAtSeconds: number;
  /** 0 for none: as long as `usualSeconds`. */
  readonly askedSeconds: number;
  readonly usualSeconds: number;
  /** What its engine, or a token without record, allows; 0 for no limit. */
  readonly maxSeconds: number;
  /** Effective for the mount. */
  readonly mount: SystemTtl;
}

export const leaseTtl = (request: LeaseTtlRequest): TtlGrant =>
  grantTtl({
    nowSeconds: request.nowSeconds,
    createdAtSeconds: request.issuedAtSeconds,
    askedSeconds: Math.max(0, request.askedSeconds),
    periodSeconds: 0,
    explicitMaxTtlSeconds: Math.max(0, request.maxSeconds),
    defaultTtlSeconds: request.usualSeconds,
    maxTtlSeconds: request.mount.maxLeaseSeconds,
  });
