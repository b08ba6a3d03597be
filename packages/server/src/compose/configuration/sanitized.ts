/** A configuration as `sys/config/state/sanitized` shows it: no keys, no secrets, no paths of the machine. */
import type { ReplyData } from '@coffer/schema/row.ts';
import type { Configuration, ListenerSettings } from './configuration.ts';

const listener = (settings: ListenerSettings) => {
  const { address, tls, maxRequestBytes, maxRequestSeconds, opens, forwarded } = settings;
  const isUnix = 'path' in address;
  return {
    type: isUnix ? 'unix' : 'tcp',
    config: {
      ...(isUnix
        ? {}
        : { address: `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}` }),
      tls_disable: tls === undefined,
      max_request_duration: maxRequestSeconds,
      ...(maxRequestBytes === undefined ? {} : { max_request_size: maxRequestBytes }),
      ...(forwarded === undefined ? {} : { x_forwarded_for_authorized_addrs: forwarded.authorized }),
      unauthenticated_metrics_access: opens.has('metrics'),
      unauthenticated_in_flight_requests_access: opens.has('in-flight requests'),
    },
  };
};

export const sanitized = (configuration: Configuration): ReplyData => ({
  api_addr: configuration.apiAddress ?? '',
  cluster_name: configuration.clusterName ?? '',
  default_lease_ttl: configuration.defaultLeaseSeconds,
  max_lease_ttl: configuration.maxLeaseSeconds,
  log_level: configuration.logLevel,
  log_format: configuration.logFormat,
  request_threads: configuration.requestThreads,
  unsafe_allow_api_audit_creation: configuration.auditByApi,
  allow_audit_log_prefixing: configuration.auditPrefixes,
  raw_storage_endpoint: false,
  introspection_endpoint: configuration.introspection,
  listeners: configuration.listeners.map(listener),
  storage: { type: configuration.storage.type },
  seals: [{ type: configuration.seal.type, disabled: false }],
  ...(configuration.anchor === undefined ? {} : { anchor: { max_lag: configuration.anchor.maxLagSeconds } }),
  audit: configuration.audit.map(({ type, path }) => ({ type, path })),
});
