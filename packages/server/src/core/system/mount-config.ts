/** The `config` of a mount as callers send it and as it is answered; used by enable and by tune. */
import { argumentsOf } from '@coffer/schema/fields/arguments.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Row } from '@coffer/schema/row.ts';
import { refuseAboveMax, type SystemTtl } from '../mounts/lease-times.ts';
import type { Mount, MountConfig, MountRecord } from '../mounts/mount.ts';

export const configFields = {
  default_lease_ttl: t.lease('Lease time where a secret sets none; 0, -1 or "system" takes the system default'),
  max_lease_ttl: t.lease('Longest lease time; 0, -1 or "system" takes the system maximum'),
  force_no_cache: t.boolean('Keep no records of this mount in memory'),
  listing_visibility: t.oneOf(['', 'unauth', 'hidden'], 'Whether the mount is shown to callers without a token'),
  audit_non_hmac_request_keys: t.list('Request members that audit shows readable'),
  audit_non_hmac_response_keys: t.list('Response members that audit shows readable'),
  passthrough_request_headers: t.list('Request headers the engine may see'),
  allowed_response_headers: t.list('Response headers the engine may set'),
  token_type: t.string('Kind of token the auth method makes'),
} as const;

/** Members of `config` that were sent, by their wire names. */
export interface ConfigChange {
  readonly default_lease_ttl?: number;
  readonly max_lease_ttl?: number;
  readonly force_no_cache?: boolean;
  readonly listing_visibility?: MountConfig['listingVisibility'];
  readonly audit_non_hmac_request_keys?: readonly string[];
  readonly audit_non_hmac_response_keys?: readonly string[];
  readonly passthrough_request_headers?: readonly string[];
  readonly allowed_response_headers?: readonly string[];
  readonly token_type?: string;
}

export const readConfig = (sent: RawJson | undefined): ConfigChange => {
  if (sent === undefined) return {};
  const holder = { in: configFields, wholeBody: undefined } as unknown as Row<never>;
  const { args } = argumentsOf(holder, {
    params: new Map(),
    members: sent.members(),
    query: undefined,
    body: undefined,
  });
  return args;
};

export const changedConfig = (before: MountConfig, change: ConfigChange, system: SystemTtl): MountConfig => {
  const next: MountConfig = {
    defaultLeaseSeconds: change.default_lease_ttl ?? before.defaultLeaseSeconds,
    maxLeaseSeconds: change.max_lease_ttl ?? before.maxLeaseSeconds,
    forceNoCache: change.force_no_cache ?? before.forceNoCache,
    listingVisibility: change.listing_visibility ?? before.listingVisibility,
    auditNonHmacRequestKeys: change.audit_non_hmac_request_keys ?? before.auditNonHmacRequestKeys,
    auditNonHmacResponseKeys: change.audit_non_hmac_response_keys ?? before.auditNonHmacResponseKeys,
    passthroughRequestHeaders: change.passthrough_request_headers ?? before.passthroughRequestHeaders,
    allowedResponseHeaders: change.allowed_response_headers ?? before.allowedResponseHeaders,
    tokenType: change.token_type ?? before.tokenType,
  };
  refuseAboveMax(before, next, system);
  return next;
};

const unlessEmpty = (name: string, values: readonly string[]): { readonly [name: string]: Out } =>
  values.length === 0 ? {} : { [name]: values };

/** Members that show only where they are set. */
export const optionalConfig = (config: MountConfig): { readonly [name: string]: Out } => ({
  ...(config.listingVisibility === '' ? {} : { listing_visibility: config.listingVisibility }),
  ...unlessEmpty('audit_non_hmac_request_keys', config.auditNonHmacRequestKeys),
  ...unlessEmpty('audit_non_hmac_response_keys', config.auditNonHmacResponseKeys),
  ...unlessEmpty('passthrough_request_headers', config.passthroughRequestHeaders),
  ...unlessEmpty('allowed_response_headers', config.allowedResponseHeaders),
});

/** The `mountInfo` of the wire. */
export const mountInfo = (record: MountRecord): { readonly [name: string]: Out } => ({
  accessor: record.accessor,
  config: {
    default_lease_ttl: record.config.defaultLeaseSeconds,
    max_lease_ttl: record.config.maxLeaseSeconds,
    force_no_cache: record.config.forceNoCache,
    ...optionalConfig(record.config),
    ...(record.class === 'auth' ? { token_type: record.config.tokenType || 'default-service' } : {}),
  },
  deprecation_status: 'supported',
  description: record.description,
  external_entropy_access: record.externalEntropyAccess,
  local: record.local,
  options: record.options.size === 0 ? null : record.options,
  plugin_version: '',
  running_plugin_version: '',
  running_sha256: '',
  seal_wrap: false,
  type: record.type,
  uuid: record.id,
});

/** Several mounts, by path. */
export const mountsByPath = (mounts: readonly Mount[]): { readonly [path: string]: Out } =>
  Object.fromEntries(mounts.map(mount => [mount.record.path, mountInfo(mount.record)]));
