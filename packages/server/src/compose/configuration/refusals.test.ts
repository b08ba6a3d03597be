import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { keyRows } from './table.ts';
import { shownProblem } from './problem.ts';
import { readConfiguration, validateConfiguration } from './read.ts';

const storage = 'storage "sqlite" { path = "/d" }\n';
const plain = 'listener "tcp" { tls_disable = true }\n';
const base = `${storage}${plain}`;
const errors = (text: string): string[] =>
  validateConfiguration([{ name: 'c', text }], {})
    .problems.filter(one => one.severity === 'error')
    .map(shownProblem);
const listener = (body: string): string => `${storage}listener "tcp" { tls_disable = true\n${body} }`;
const tls = (body: string): string => `${storage}listener "tcp" { tls_cert_file = "c" tls_key_file = "k"\n${body} }`;
const seal = (body: string): string => `${base}seal "static" {\n${body} }`;

const unknown = (at: string, key: string, rest: string): string =>
  `${at}: unknown or unsupported field "${key}" found in configuration${rest} (not ignored: it may have been meant to protect something)`;

const refused: readonly (readonly [text: string, ...want: string[]])[] = [
  ['a = ', 'c:1:5: Unknown token: 1:5 EOF'],
  ['{"a"', 'c:1:5: expected: COLON'],
  [
    '',
    'c:1:1: no listener: add listener "tcp" { address = "127.0.0.1:8200" … }',
    'c:1:1: a storage backend must be specified: add storage "sqlite" { path = "…" }, or storage "postgresql" { connection_url = "…" }',
  ],
  [`${base}MaxLeaseTTL = 1`, unknown('c:3:1', 'maxleasettl', ': did you mean "max_lease_ttl"?')],
  [`${base}adit "file" "a" {}`, unknown('c:3:1', 'adit', ': did you mean "audit"?')],
  [`${base}ha_storag "raft" {}`, unknown('c:3:1', 'ha_storag', ': did you mean "ha_storage"?')],
  [listener('tls_crl = "x"'), unknown('c:3:1', 'tls_crl', ' in listener: remove it')],
  [
    listener('x_forwarded_for_authorised_addrs = "10.0.0.1"'),
    unknown(
      'c:3:1',
      'x_forwarded_for_authorised_addrs',
      ' in listener: did you mean "x_forwarded_for_authorized_addrs"?',
    ),
  ],
  [
    listener('custom_responze_headers {} require_token = 1'),
    unknown('c:3:28', 'require_token', ' in listener: remove it'),
  ],
  [
    `${base}audit "file" "a" { options { file_path = "/a" } foo = 1 }`,
    unknown('c:3:49', 'foo', ' in audit: remove it'),
  ],
  [
    listener('telemetry { disallow_metrics = true }'),
    'c:3:13: "disallow_metrics" in listener telemetry is not supported: restrict sys/metrics by policy: remove it, or set it to false',
  ],
  [
    listener('telemetry { unauthenticated_metrics_access = "perhaps" }'),
    'c:3:46: "unauthenticated_metrics_access": expected true or false',
  ],
  [listener('telemetry = 1'), 'c:3:13: "telemetry": expected a block { … }'],
  [`${base}${storage}`, 'c:3:9: only one "storage" block is permitted'],
  [
    `${plain}storage "raft" { path = "/d" }`,
    'c:2:9: storage "raft": not supported: use storage "sqlite" { path = "…" }, or storage "postgresql"',
  ],
  [
    `${plain}storage "postgresql" {}`,
    'c:2:9: storage "postgresql": "connection_url" or COFFER_PG_CONNECTION_URL must be set',
  ],
  [`${plain}storage "sqlit" {}`, 'c:2:9: unknown type of storage: did you mean "sqlite"?'],
  [`${plain}storage "sqlite" {}`, 'c:2:9: storage "sqlite": "path" must be set'],
  [`${plain}storage { path = "/d" }`, 'c:2:9: "storage" takes 1 label'],
  [`${plain}storage = 1`, 'c:2:11: expected a block { … }'],
  [
    `${base}ha_storage "raft" {}`,
    'c:3:1: "ha_storage" is not supported: nodes meet in the one storage: remove it, and give each node the same `storage "postgresql"`',
  ],
  [`${storage}listener "tpc" {}`, 'c:2:10: unknown type of listener: use one of "tcp", "unix"'],
  [`${storage}listener {}`, 'c:2:1: listener type must be specified: use one of "tcp", "unix"'],
  [`${storage}listener "unix" {}`, 'c:2:10: listener "unix": "address" must be set to the path of the socket'],
  [
    `${storage}listener "unix" { address = "/s" socket_mode = "rw" }`,
    'c:2:34: "socket_mode": expected permissions in octal, such as "0600"',
  ],
  [listener('address = "8200"'), 'c:3:1: "address": expected host:port, such as "127.0.0.1:8200" or "[::]:8200"'],
  [listener('address = "h:70000"'), 'c:3:1: "address": expected host:port, such as "127.0.0.1:8200" or "[::]:8200"'],
  [
    listener('address = "{{ GetPrivateIP }}:1"'),
    'c:3:1: "address": address templates are not supported: write the address itself',
  ],
  [listener('address = true'), 'c:3:11: "address": expected a text in quotes'],
  [listener('max_request_size = 33554433'), 'c:3:1: "max_request_size": expected 0 to 33554432'],
  [listener('max_request_duration = "-1s"'), 'c:3:1: "max_request_duration": expected 0 to 86400'],
  [
    listener('http_idle_timeout = "soon"'),
    'c:3:21: "http_idle_timeout": expected a duration: seconds, or a text such as "90s", "1h30m" or "7d"',
  ],
  [listener('x_forwarded_for_hop_skips = 1'), 'c:2:10: x_forwarded_for_* needs "x_forwarded_for_authorized_addrs"'],
  [
    listener('x_forwarded_for_authorized_addrs = "10.0.0.0/33"'),
    'c:3:1: "x_forwarded_for_authorized_addrs": expected addresses or networks such as "10.0.0.0/8"',
  ],
  [
    listener('custom_response_headers { "20x" = {} }'),
    'c:3:27: "custom_response_headers": expected "default", a class such as "2xx", or a status such as "404"',
  ],
  [
    listener('custom_response_headers { "200" = { "X-Vault-Y" = ["1"] } }'),
    'c:3:37: "custom_response_headers": the header X-Vault-Y is set by the server',
  ],
  [
    listener('custom_response_headers { "200" = { "Content-Length" = ["1"] } }'),
    'c:3:37: "custom_response_headers": the header Content-Length is set by the server',
  ],
  [
    listener('custom_response_headers { "200" = { "A" = ["x\\r\\nB: y"] } }'),
    'c:3:43: "custom_response_headers": expected a header value of printable ASCII characters',
  ],
  [
    listener('custom_response_headers { "200" = { "A b" = ["x"] } }'),
    'c:3:37: "custom_response_headers": expected the name of a header',
  ],
  [
    listener('chroot_namespace = "ns1"'),
    'c:3:1: "chroot_namespace" in listener is not supported: not offered: remove it, and restrict clients by policy',
  ],
  [
    listener('tls_require_and_verify_client_cert = true'),
    'c:3:1: client certificates cannot be required while TLS is off',
  ],
  [
    `${storage}listener "tcp" {}`,
    'c:2:10: TLS is on: set "tls_cert_file" and "tls_key_file", or turn it off with tls_disable = true',
  ],
  [
    `${storage}listener "tcp" { tls_disable = "yes" }`,
    'c:2:32: "tls_disable": expected true or false',
    'c:2:10: TLS is on: set "tls_cert_file" and "tls_key_file", or turn it off with tls_disable = true',
  ],
  [tls('tls_min_version = "tls10"'), 'c:3:1: "tls_min_version": expected tls12 or tls13: older versions are not safe'],
  [tls('tls_min_version = "tls13"\ntls_max_version = "tls12"'), 'c:2:10: "tls_min_version" is above "tls_max_version"'],
  [
    tls('tls_cipher_suites = "TLS_RSA_WITH_RC4_128_SHA"'),
    'c:3:1: "tls_cipher_suites": 1 of them unknown or not safe: use IANA names of suites with forward secrecy',
  ],
  [
    tls('tls_require_and_verify_client_cert = true'),
    'c:2:10: "tls_require_and_verify_client_cert" needs "tls_client_ca_file"',
  ],
  [
    tls('tls_client_ca_file = "a" tls_require_and_verify_client_cert = true tls_disable_client_certs = true'),
    'c:2:10: "tls_disable_client_certs" contradicts "tls_require_and_verify_client_cert"',
  ],
  [
    tls('tls_acme_domains = ["a"]'),
    'c:3:1: "tls_acme_domains" in listener is not supported: certificates are not fetched: name files with tls_cert_file and tls_key_file',
  ],
];

const refusedToo: readonly (readonly [text: string, ...want: string[]])[] = [
  [
    `${base}seal "awskms" {}`,
    'c:3:6: seal "awskms": not supported: use seal "static" with a key file, or seal "shamir"',
  ],
  [`${base}seal "shamir" {}\nseal "shamir" {}`, 'c:4:6: only one "seal" block is permitted'],
  [
    `${base}seal "shamir" { disabled = true }`,
    'c:3:17: "disabled" in seal shamir is not supported: seals cannot be migrated by configuration: remove the block, or set it to false',
  ],
  [seal(''), 'c:3:6: seal "static": "current_key" must be set', 'c:3:6: seal "static": "current_key_id" must be set'],
  [
    seal('current_key_id = "a"\ncurrent_key = "short"'),
    'c:5:1: "current_key": expected file:///path, env://NAME, or 32 bytes, in base64 or hexadecimal',
  ],
  [
    seal('current_key_id = "a"\ncurrent_key = "env://NOPE"'),
    'c:5:1: "current_key": the environment variable it names is not set',
  ],
  [
    seal('current_key_id = "a"\ncurrent_key = "file://k"'),
    'c:5:1: "current_key": expected file:// and an absolute path',
  ],
  [
    seal('current_key_id = "a" current_key = "file:///k" previous_key_id = "b"'),
    'c:3:6: seal "static": "previous_key" must be set',
  ],
  [
    seal('current_key_id = "a" current_key = "file:///k" previous_key = "file:///o"'),
    'c:3:6: seal "static": "previous_key_id" must be set',
  ],
  [
    seal('current_key_id = "a" current_key = "file:///k" previous_key_id = "a" previous_key = "file:///o"'),
    'c:3:6: seal "static": the two keys need two ids',
  ],
  [`${base}audit "file" {}`, 'c:3:14: "audit" takes 2 labels'],
  [`${base}audit "kafka" "x" {}`, 'c:3:7: unknown type of audit: use one of "file", "socket", "syslog", "http"'],
  [`${base}audit "socket" "x" {}`, 'c:3:7: audit "socket": "address" must be set in options'],
  [
    `${base}audit "syslog" "x" { options { facility = "other" } }`,
    'c:3:32: "facility": expected a facility such as AUTH, DAEMON or LOCAL3',
  ],
  [`${base}audit "file" "x" {}`, 'c:3:7: audit "file": "file_path" must be set in options'],
  [
    `${base}audit "file" "x" { options { file_path = "/a" format = "jsonx" } }`,
    'c:3:47: "format" in audit file options is not supported: records are lines of JSON: remove it, or set it to "json"',
  ],
  [
    `${base}audit "file" "x" { options { file_path = "/a" prefix = "x" } }`,
    'c:3:7: audit "file": "prefix" needs allow_audit_log_prefixing = true',
  ],
  [
    `${base}audit "file" "x" { options { file_path = "/a" mode = "rw" } }`,
    'c:3:47: "mode": expected permissions in octal, such as "0600"',
  ],
  [
    `${base}${'audit "file" "x" { options { file_path = "/a" } }\n'.repeat(2)}`,
    'c:4:7: audit: two devices have one name',
  ],
  [
    `${base}user_lockout "all" { disable_lockout = true }`,
    'c:3:1: "user_lockout" is not supported: there is no login with a password to lock: remove it',
  ],
  [
    `${base}disable_mlock = false`,
    'c:3:1: "disable_mlock" is not supported: memory is not locked: turn swap off or encrypt it, and set it to true',
  ],
  [
    `${base}raw_storage_endpoint = true`,
    'c:3:1: "raw_storage_endpoint" is not supported: sys/raw is not offered: remove it, or set it to false',
  ],
  [`${base}default_lease_ttl = "2h" max_lease_ttl = "1h"`, 'c:3:1: "default_lease_ttl" is more than "max_lease_ttl"'],
  [`${base}max_lease_ttl = -5`, 'c:3:1: "max_lease_ttl": expected more than 0 seconds'],
  [`${base}request_threads = 0`, 'c:3:1: "request_threads": expected 1 to 64'],
  [`${base}request_threads = 65`, 'c:3:1: "request_threads": expected 1 to 64'],
  [`${base}request_threads = "two"`, 'c:3:19: "request_threads": expected an integer'],
  [`${base}drain_duration = "11m"`, 'c:3:1: "drain_duration": expected 0 to 600 seconds'],
  [
    `${base}default_max_request_duration = "999h"`,
    'c:3:1: "default_max_request_duration": expected more than 0 and at most 86400 seconds',
  ],
  [`${base}log_level = "loud"`, 'c:3:1: "log_level": expected trace, debug, info, warn or error'],
  [`${base}log_format = "xml"`, 'c:3:1: "log_format": expected standard or json'],
  [`${base}api_addr = "c.example.org"`, 'c:3:1: "api_addr": expected a URL such as "https://coffer.example.org:8200"'],
  [`${base}api_addr = "https://u:p@h"`, 'c:3:1: "api_addr": expected a URL such as "https://coffer.example.org:8200"'],
  [`${base}cluster_name = ""`, 'c:3:1: "cluster_name": expected 1 to 256 printable characters'],
  [
    `${base}unsafe_allow_api_audit_creation = "true"`,
    'c:3:35: "unsafe_allow_api_audit_creation": expected true or false, without quotes',
  ],
];

test('what cannot be done is refused, with file, line, column and what to do', () => {
  for (const [text, ...want] of [...refused, ...refusedToo]) assert.deepEqual(errors(text), want, text);
});

test('every key of the error list stops the start, and every one of the warning list does not', () => {
  for (const row of keyRows) {
    const written = row.kind === 'block' ? `${row.key} "x" { }` : `${row.key} = "zz"`;
    const text = { 'top level': `${base}${written}`, listener: listener(written) }[row.block];
    if (text === undefined || row.list === 'honoured') continue;
    const found = validateConfiguration([{ name: 'c', text }], {}).problems;
    assert.deepEqual(
      found.map(one => one.severity),
      [row.list],
      row.key,
    );
  }
});

test('an error of reading is one CofferError with a line for each problem', () => {
  assert.throws(
    () => readConfiguration([{ name: 'x.hcl', text: 'lisener "tcp" {}' }], {}),
    (error: unknown) =>
      error instanceof CofferError &&
      error.code === 'usage' &&
      error.publicMessage.startsWith('[WARN] x.hcl:1:1: unknown or unsupported field "lisener"') &&
      error.publicMessage.includes('\nx.hcl:1:1: no listener'),
  );
  assert.throws(() => readConfiguration([], {}), CofferError);
});

test('S11: no key of a seal stands in a message, however it is written', () => {
  const canary = 'CanaryKey7f3a9c51d2';
  for (const text of [
    seal(`current_key_id = "a" current_key = "${canary}"`),
    seal(`current_key_id = "a" current_key = ${canary}`),
    seal(`current_key_id = "a" current_key "${canary}"`),
    seal(`current_key_id = "a" current_key = "${canary}`),
    seal(`current_key_id = "a" current_key = ["${canary}"]`),
    seal(`current_key_id = "a" current_key = "env://${canary}"`),
    seal(`current_key_id = "a" current_key = "file://${canary}"`),
    seal(`current_key_id = "a" current_key = 1${canary}`),
    seal(`current_key_id = "a" current_key { "${canary}" = 1 }`),
    `${base}seal "awskms" { secret_key = "${canary}" }`,
    `{"seal": {"static": {"current_key": "${canary}"}}}`,
    `{"seal": {"static": {"current_key": ${canary}}}}`,
  ]) {
    const found = validateConfiguration([{ name: 'c', text }], {}).problems;
    assert.ok(
      found.some(one => one.severity === 'error'),
      text,
    );
    assert.ok(!JSON.stringify(found).includes(canary), text);
  }
});
