/** Keys of `listener "tcp"` and `listener "unix"`. */
import { type KeyRow, rows } from './key-row.ts';

const acme = 'certificates are not fetched: name files with tls_cert_file and tls_key_file';
const agent = 'the agent is not part of this server';
const bounded = 'request bodies are bounded in size, depth and number of keys';
const enterprise = 'a feature of Vault Enterprise that is not part of this server';
const openedByAll = 'default true; they are open only where every listener says false';
const otherOrigins = 'other origins are let in for all listeners by sys/config/cors';
const proxy = 'the PROXY protocol is not spoken: use x_forwarded_for_authorized_addrs, or remove it';
const forwardedCertificate = 'client certificates are taken from the TLS connection only: remove it';

export const listenerRows: readonly KeyRow[] = [
  ...rows('listener types', 'honoured', [
    ['tcp', 'type', 'TCP, with TLS unless `tls_disable`'],
    ['unix', 'type', 'a unix socket; `address` is its path'],
  ]),
  ...rows('listener', 'honoured', [
    ['type', 'text', 'for a listener without a label'],
    ['address', 'text', 'host:port, default 127.0.0.1:8200; for `unix` the path, required'],
    ['tls_disable', 'bool', 'serves plain HTTP; default false'],
    ['tls_cert_file', 'text', 'certificate chain, PEM; required with TLS'],
    ['tls_key_file', 'text', 'private key, PEM; required with TLS'],
    ['tls_min_version', 'text', 'tls12 (default) or tls13'],
    ['tls_max_version', 'text', 'tls12 or tls13 (default)'],
    ['tls_cipher_suites', 'texts', 'suites of TLS 1.2 by their IANA names'],
    ['tls_client_ca_file', 'text', 'authorities of client certificates, PEM'],
    [
      'tls_require_and_verify_client_cert',
      'bool',
      'refuses connections without a valid client certificate; default false',
    ],
    ['tls_disable_client_certs', 'bool', 'does not ask for client certificates; default false'],
    [
      'max_request_size',
      'integer',
      'raises or lowers the most bytes of a request body (default 1048576), at most 33554432, also where it is negative; 0 for the default. Operations without a token never take more than 65536',
    ],
    ['max_request_duration', 'duration', 'default: default_max_request_duration'],
    ['http_read_header_timeout', 'duration', 'default 10s'],
    ['http_read_timeout', 'duration', 'whole request, default 30s'],
    ['http_write_timeout', 'duration', 'a client that takes nothing of its answer, default 60s; 0 for the default'],
    ['http_idle_timeout', 'duration', 'between requests, default 5m'],
    ['custom_response_headers', 'block', 'headers by status: "default", "2xx", "404"'],
    ['x_forwarded_for_authorized_addrs', 'texts', 'addresses and networks whose X-Forwarded-For counts'],
    ['x_forwarded_for_hop_skips', 'integer', 'entries from the right to skip; default 0'],
    ['x_forwarded_for_reject_not_present', 'bool', 'refuses requests without the header; default false'],
    ['x_forwarded_for_reject_not_authorized', 'bool', 'refuses the header from other addresses; default false'],
    ['disable_unauthed_rekey_endpoints', 'bool', openedByAll],
    ['disable_unauthed_generate_root_endpoints', 'bool', openedByAll],
    ['telemetry', 'block', 'who may read the metrics here'],
    ['inflight_requests_logging', 'block', 'who may see the requests under way here'],
    ['socket_mode', 'text', 'permissions of a unix socket, octal; default 600'],
  ]),
  ...rows('listener telemetry', 'honoured', [
    ['unauthenticated_metrics_access', 'bool', 'sys/metrics needs no token here; default false'],
  ]),
  ...rows('listener telemetry', 'error', [
    ['disallow_metrics', 'bool', 'restrict sys/metrics by policy: remove it, or set it to false', 'false'],
    ['metrics_only', 'bool', 'every listener serves everything: remove it, or set it to false', 'false'],
    ['metrics_path', 'text', 'metrics are at sys/metrics alone: remove it', ''],
  ]),
  ...rows('listener inflight_requests_logging', 'honoured', [
    ['unauthenticated_in_flight_requests_access', 'bool', 'sys/in-flight-req needs no token here; default false'],
  ]),
  ...rows('listener', 'warning', [
    ['cluster_address', 'text', 'nodes do not speak to each other'],
    ['max_request_json_memory', 'integer', bounded],
    ['max_request_json_strings', 'integer', bounded],
    ['max_json_depth', 'integer', bounded],
    ['max_json_string_value_length', 'integer', bounded],
    ['max_json_object_entry_count', 'integer', bounded],
    ['max_json_array_element_count', 'integer', bounded],
    ['tls_prefer_server_cipher_suites', 'bool', 'the server always chooses'],
    ['tls_auto_reload', 'bool', 'certificates always follow their files', 'true'],
    ['tls_auto_reload_interval', 'duration', 'certificates always follow their files'],
    ['cors_enabled', 'bool', otherOrigins, 'false'],
    ['cors_allowed_origins', 'texts', otherOrigins],
    ['cors_allowed_headers', 'texts', otherOrigins],
    ['cors_allow_credentials', 'bool', otherOrigins, 'false'],
    ['profiling', 'block', 'profiles are not offered'],
    ['agent_api', 'block', agent],
    ['proxy_api', 'block', agent],
    ['redact_addresses', 'bool', enterprise, 'false'],
    ['redact_cluster_name', 'bool', enterprise, 'false'],
    ['redact_version', 'bool', enterprise, 'false'],
    ['disable_replication_status_endpoints', 'bool', enterprise],
    ['disable_request_limiter', 'bool', enterprise],
  ]),
  ...rows('listener', 'error', [
    ['chroot_namespace', 'text', 'not offered: remove it, and restrict clients by policy', ''],
    ['role', 'text', 'every listener serves everything: remove it, or set it to "default"', 'default', ''],
    ['purpose', 'texts', 'every listener serves everything: remove it'],
    ['require_request_header', 'bool', 'not checked: remove it, or set it to false', 'false'],
    ['tls_key_exchange_preferences', 'texts', 'cannot be chosen: remove it'],
    ['proxy_protocol_behavior', 'text', proxy, ''],
    ['proxy_protocol_authorized_addrs', 'texts', proxy],
    ['x_forwarded_for_client_cert_header', 'text', forwardedCertificate, ''],
    ['x_forwarded_for_client_cert_decoders', 'texts', forwardedCertificate],
    ['x_forwarded_for_client_cert_header_decoders', 'texts', forwardedCertificate],
    ['x_forwarded_for_client_cert_keep_not_forwarded', 'bool', forwardedCertificate, 'false'],
    ['x_forwarded_for_client_cert_keep_unauthorized', 'bool', forwardedCertificate, 'false'],
    ['socket_user', 'text', 'the socket belongs to the user of the server: remove it', ''],
    ['socket_group', 'text', 'the socket belongs to the group of the server: remove it', ''],
    ['tls_acme_ca_directory', 'text', acme, ''],
    ['tls_acme_test_ca_directory', 'text', acme],
    ['tls_acme_cache_path', 'text', acme],
    ['tls_acme_ca_root', 'text', acme],
    ['tls_acme_eab_key_id', 'text', acme],
    ['tls_acme_eab_mac_key', 'text', acme],
    ['tls_acme_key_type', 'text', acme],
    ['tls_acme_email', 'text', acme],
    ['tls_acme_domains', 'texts', acme],
    ['tls_acme_disable_http_challenge', 'bool', acme],
    ['tls_acme_disable_alpn_challenge', 'bool', acme],
  ]),
];
