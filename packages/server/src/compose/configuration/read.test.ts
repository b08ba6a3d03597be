import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Configuration } from './configuration.ts';
import type { Variables } from './environment.ts';
import { shownProblem } from './problem.ts';
import { readConfiguration, validateConfiguration } from './read.ts';

const base = 'storage "inmem" {}\nlistener "tcp" { tls_disable = true }\n';
const text = (...parts: readonly string[]): { name: string; text: string }[] =>
  parts.map((part, index) => ({ name: `${'abc'[index]}.hcl`, text: part }));
const read = (part: string, env: Variables = {}): Configuration => readConfiguration(text(part), env).configuration;
const warnings = (part: string, env: Variables = {}): string[] =>
  readConfiguration(text(part), env).warnings.map(shownProblem);

test('a short configuration has sound defaults', () => {
  assert.deepEqual(read('storage "sqlite" { path = "/d/c.db" } listener "tcp" { tls_disable = true }'), {
    listeners: [
      {
        address: { host: '127.0.0.1', port: 8200 },
        tls: undefined,
        maxRequestBytes: undefined,
        maxRequestSeconds: 90,
        timeouts: {
          headerReadSeconds: undefined,
          requestReadSeconds: undefined,
          writeStallSeconds: undefined,
          idleSeconds: undefined,
        },
        responseHeaders: new Map(),
        forwarded: undefined,
        opens: new Set(),
        unauthenticatedRekey: false,
        unauthenticatedGenerateRoot: false,
      },
    ],
    storage: { type: 'sqlite', path: '/d/c.db' },
    seal: { type: 'shamir' },
    audit: [],
    anchor: undefined,
    apiAddress: undefined,
    clusterName: undefined,
    defaultLeaseSeconds: 2_764_800,
    maxLeaseSeconds: 2_764_800,
    logLevel: 'info',
    logFormat: 'standard',
    drainSeconds: undefined,
    requestThreads: 1,
    auditByApi: false,
    auditPrefixes: false,
    introspection: false,
  });
});

const long = `
storage "sqlite" { path = "/d/c.db" }
listener "tcp" {
  address = "[::]:8443"
  tls_cert_file = "/t/c.pem"
  tls_key_file = "/t/k.pem"
  tls_min_version = "tls13"
  tls_cipher_suites = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  tls_client_ca_file = "/t/ca.pem"
  tls_require_and_verify_client_cert = true
  max_request_size = 1048576
  max_request_duration = "30s"
  http_read_header_timeout = "5s"
  http_read_timeout = 20
  http_write_timeout = "1m"
  http_idle_timeout = "2m"
  x_forwarded_for_authorized_addrs = "10.0.0.0/8,::1"
  x_forwarded_for_hop_skips = "1"
  x_forwarded_for_reject_not_present = true
  disable_unauthed_rekey_endpoints = false
  telemetry { unauthenticated_metrics_access = true metrics_only = false }
  inflight_requests_logging { unauthenticated_in_flight_requests_access = "true" }
  custom_response_headers {
    "default" = { "X-One" = ["a", "b"] "X-Two" = "c" }
    "404" = { "X-One" = ["n"] }
  }
}
LISTENER "unix" { address = "/run/c.sock" socket_mode = "0660" }
seal "static" {
  current_key_id = "two"
  current_key = "file:///etc/k"
  previous_key_id = "one"
  previous_key = "env://OLD_KEY"
}
audit "file" "main" { description = "d" options { file_path = "/a.log" mode = "0640" } }
audit "file" "out/" { options = { file_path = "stdout" log_raw = "false" } }
audit "syslog" "log" { options { facility = "local1" tag = "c" } }
audit "http" "far" { options { uri = "https://a.test/" } }
api_addr = "https://c.example.org:8200/"
cluster_name = "one"
default_lease_ttl = "1h"
max_lease_ttl = 7200
log_level = "WARNING"
log_format = "json"
unsafe_allow_api_audit_creation = true
`;

const longAudit = [
  {
    type: 'file',
    path: 'main/',
    description: 'd',
    options: new Map([
      ['file_path', '/a.log'],
      ['mode', '0640'],
    ]),
  },
  {
    type: 'file',
    path: 'out/',
    description: '',
    options: new Map([
      ['file_path', 'stdout'],
      ['log_raw', 'false'],
    ]),
  },
  {
    type: 'syslog',
    path: 'log/',
    description: '',
    options: new Map([
      ['facility', 'local1'],
      ['tag', 'c'],
    ]),
  },
  { type: 'http', path: 'far/', description: '', options: new Map([['uri', 'https://a.test/']]) },
];

test('every honoured key arrives', () => {
  const hex = '00'.repeat(31);
  const configuration = read(long, { OLD_KEY: `${hex}0a` });
  const [tcp, unix] = configuration.listeners;
  assert.deepEqual(tcp, {
    address: { host: '::', port: 8443 },
    tls: {
      certFile: '/t/c.pem',
      keyFile: '/t/k.pem',
      minVersion: 'tls13',
      maxVersion: 'tls13',
      clientCaFile: '/t/ca.pem',
      cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
      clientCertificates: 'require',
    },
    maxRequestBytes: 1_048_576,
    maxRequestSeconds: 30,
    timeouts: { headerReadSeconds: 5, requestReadSeconds: 20, writeStallSeconds: 60, idleSeconds: 120 },
    responseHeaders: new Map([
      [
        'default',
        new Map([
          ['X-One', 'a; b'],
          ['X-Two', 'c'],
        ]),
      ],
      ['404', new Map([['X-One', 'n']])],
    ]),
    forwarded: { authorized: ['10.0.0.0/8', '::1'], hopSkips: 1, rejectNotPresent: true, rejectNotAuthorized: false },
    opens: new Set(['metrics', 'in-flight requests']),
    unauthenticatedRekey: true,
    unauthenticatedGenerateRoot: false,
  });
  assert.deepEqual(unix?.address, { path: '/run/c.sock', mode: 0o660 });
  assert.equal(unix?.tls, undefined);
  assert.ok(configuration.seal.type === 'static');
  assert.deepEqual(configuration.seal.current, { id: 'two', key: { file: '/etc/k' } });
  const old = configuration.seal.previous?.key;
  assert.ok(old !== undefined && 'secret' in old);
  assert.deepEqual(old.secret.reveal(), Uint8Array.of(...new Uint8Array(31), 10));
  assert.deepEqual(configuration.audit, longAudit);
  const { apiAddress, clusterName, defaultLeaseSeconds, maxLeaseSeconds, logLevel, logFormat, auditByApi } =
    configuration;
  assert.deepEqual([apiAddress, clusterName], ['https://c.example.org:8200', 'one']);
  assert.deepEqual(
    [defaultLeaseSeconds, maxLeaseSeconds, logLevel, logFormat, auditByApi],
    [3600, 7200, 'warn', 'json', true],
  );
});

test('the JSON form means the same', () => {
  const json = JSON.stringify({
    storage: { inmem: {} },
    listener: [{ tcp: { address: '127.0.0.1:1', tls_disable: true } }, { unix: { address: '/s' } }],
    audit: [{ file: { 'to-stdout': { options: { file_path: 'stdout' } } } }],
    seal: { static: { current_key_id: 'a', current_key: 'file:///k' } },
    max_lease_ttl: '1h',
  });
  const { listeners, audit, seal, maxLeaseSeconds, defaultLeaseSeconds } = read(json);
  assert.deepEqual(
    listeners.map(one => one.address),
    [{ host: '127.0.0.1', port: 1 }, { path: '/s' }],
  );
  assert.deepEqual(
    [audit[0]?.path, seal.type, maxLeaseSeconds, defaultLeaseSeconds],
    ['to-stdout/', 'static', 3600, 3600],
  );
  const inner = read('{"storage": {"inmem": {}}, "listener": {"type": "tcp", "address": ":1", "tls_disable": "true"}}');
  assert.deepEqual(inner.listeners[0]?.address, { host: '', port: 1 });
  assert.equal(read('storage "inmem" {} listener { type = "tcp" tls_disable = 1 }').listeners.length, 1);
});

test('several files: the last scalar counts, listeners and devices add up, storage is replaced', () => {
  const { configuration, warnings: problems } = readConfiguration(
    text(
      `${base}log_level = "debug"\naudit "file" "a" { options { file_path = "discard" } }`,
      'log_level = "error"\nlistener "unix" { address = "/s" }\nstorage "sqlite" { path = "/b.db" }',
      'audit "file" "c" { options { file_path = "discard" } }',
    ),
    {},
  );
  assert.equal(configuration.logLevel, 'error');
  assert.equal(configuration.listeners.length, 2);
  assert.deepEqual(configuration.storage, { type: 'sqlite', path: '/b.db' });
  assert.deepEqual(
    configuration.audit.map(one => one.path),
    ['a/', 'c/'],
  );
  assert.deepEqual(problems.map(shownProblem), ['a.hcl:1:9: this storage is replaced by that of a later file']);
});

test('the environment wins: COFFER_ before BAO_ before VAULT_, and set to nothing is set', () => {
  const config = `${base}log_level = "debug"\napi_addr = "http://a:1"\n`;
  assert.equal(read(config, { VAULT_LOG_LEVEL: 'warn' }).logLevel, 'warn');
  assert.equal(read(config, { VAULT_LOG_LEVEL: 'warn', BAO_LOG_LEVEL: 'error' }).logLevel, 'error');
  assert.equal(
    read(config, { VAULT_LOG_LEVEL: 'warn', BAO_LOG_LEVEL: 'error', COFFER_LOG_LEVEL: 'trace' }).logLevel,
    'trace',
  );
  assert.equal(read(config, { VAULT_API_ADDR: 'http://b:1', BAO_API_ADDR: '' }).apiAddress, undefined);
  assert.equal(
    read(config, { BAO_ADVERTISE_ADDR: 'http://b:1', BAO_REDIRECT_ADDR: 'http://c:1' }).apiAddress,
    'http://c:1',
  );
  assert.equal(read(config, { VAULT_LOG_FORMAT: 'json' }).logFormat, 'json');
  assert.throws(() => read(config, { VAULT_LOG_FORMAT: 'xml' }), {
    message: /^VAULT_LOG_FORMAT: "log_format": expected standard or json$/m,
  });
  assert.throws(() => read(config, { BAO_SEAL_TYPE: 'awskms' }), CofferError);
  assert.equal(read(config, { BAO_SEAL_TYPE: 'shamir' }).seal.type, 'shamir');
});

test('what has no effect is accepted, and said', () => {
  assert.deepEqual(warnings(base), [
    'a.hcl:1:9: storage "inmem" keeps nothing when the process ends: do not use it in production',
  ]);
  assert.deepEqual(
    warnings(
      'storage "file" { path = "/v/" }\nlistener "tcp" { tls_disable = true cluster_address = "x" }\nui = true\ntelemetry { a = 1 }\ndisable_mlock = true\ncache_size = 1\nlog_level = "info"\nlog_level = "warn"\nseal "static" {\n current_key_id = "a"\n current_key = "' +
        '0'.repeat(64) +
        '"\n}',
    ),
    [
      'a.hcl:3:1: "ui" has no effect: the web UI is not part of this build',
      'a.hcl:6:1: "cache_size" has no effect: this server tunes itself',
      'a.hcl:8:1: "log_level" was set at 7:1 before: this one counts',
      'a.hcl:4:13: unknown or unsupported field "a" found in configuration in telemetry: it has no effect',
      'a.hcl:2:37: "cluster_address" in listener has no effect: nodes do not speak to each other',
      'a.hcl:1:9: storage "file" is a SQLite database here, "coffer.db" in "path": write storage "sqlite" { path = "…/coffer.db" }; records of another server are not read',
      'a.hcl:11:2: "current_key" stands in the configuration in clear: use file:///path with a file only the server can read',
    ],
  );
  assert.deepEqual(read('backend "file" { path = "/v/" } listener "unix" { address = "/s" }').storage, {
    type: 'sqlite',
    path: '/v/coffer.db',
  });
});

test('values that say what holds anyway are accepted in silence', () => {
  const quiet =
    'storage "sqlite" { path = "/d" } listener "tcp" { tls_disable = true role = "default" redact_version = "false" proxy_protocol_behavior = "" } raw_storage_endpoint = false introspection_endpoint = "false" disable_mlock = true ui = false';
  assert.deepEqual(warnings(quiet), []);
});

const telemetry = (inside: string): readonly string[] =>
  warnings(`storage "sqlite" { path = "/d" } listener "tcp" { tls_disable = true }\ntelemetry { ${inside} }`);

test('telemetry is accepted, and each of its keys that has no effect is told', () => {
  const quiet = 'disable_hostname = true enable_hostname_label = false metrics_prefix = "vault" filter_default = true';
  assert.deepEqual(telemetry(`${quiet} statsd_address = "" usage_gauge_period = "10m"`), []);
  assert.deepEqual(telemetry('prometheus_retention_time = "30s"\ndisable_hostname = "false"'), [
    'a.hcl:2:13: "prometheus_retention_time" in telemetry has no effect: metrics are always kept, for as long as the server runs: read sys/metrics with a token that may',
    'a.hcl:3:1: "disable_hostname" in telemetry has no effect: no metric names the host',
  ]);
  assert.deepEqual(
    telemetry('statsd_address = "127.0.0.1:8125" dogstatsd_tags = ["a:b"] prefix_filter = ["-vault.x"]'),
    [
      'a.hcl:2:13: "statsd_address" in telemetry has no effect: nothing is sent anywhere: let a collector read sys/metrics',
      'a.hcl:2:47: "dogstatsd_tags" in telemetry has no effect: nothing is sent anywhere: let a collector read sys/metrics',
      'a.hcl:2:72: "prefix_filter" in telemetry has no effect: sys/metrics tells all of them: drop what is not wanted where it is collected',
    ],
  );
  assert.deepEqual(telemetry('disable_hostnam = true'), [
    'a.hcl:2:13: unknown or unsupported field "disable_hostnam" found in configuration in telemetry: did you mean "disable_hostname"?',
  ]);
  assert.throws(() => read('storage "sqlite" { path = "/d" } listener "tcp" { tls_disable = true } telemetry = 1'), {
    message: /"telemetry": expected a block/,
  });
});

test('introspection is off unless it is asked for', () => {
  const plain = 'storage "sqlite" { path = "/d" } listener "tcp" { tls_disable = true }';
  assert.equal(read(plain).introspection, false);
  assert.equal(read(`${plain} introspection_endpoint = false`).introspection, false);
  assert.equal(read(`${plain} introspection_endpoint = true`).introspection, true);
  assert.deepEqual(warnings(`${plain} introspection_endpoint = true`), []);
});

test('a negative max_request_size is read as the most there is, with a warning', () => {
  const unbounded = 'storage "inmem" {} listener "tcp" { tls_disable = true max_request_size = -1 }';
  assert.equal(read(unbounded).listeners[0]?.maxRequestBytes, 33_554_432);
  assert.match(warnings(unbounded).join(), /"max_request_size": bodies are bounded all the same, by 33554432 bytes/);
});

test('a key that is not known is a warning and names the nearest one', () => {
  const good = 'storage "sqlite" { path = "/d" pth = 1 } listener "tcp" { tls_disable = true idle = 1 }';
  const said = warnings(`${good} lisener "tcp" {} foo = 1`).map(line => line.replace(/^a\.hcl:1:\d+: /, ''));
  assert.deepEqual(said, [
    'unknown or unsupported field "lisener" found in configuration: did you mean "listener"?',
    'unknown or unsupported field "foo" found in configuration: it has no effect',
    'unknown or unsupported field "idle" found in configuration in listener: did you mean "role"?',
    'unknown or unsupported field "pth" found in configuration in storage sqlite: did you mean "path"?',
  ]);
});

test('all problems are found in one run, errors and warnings', () => {
  const { configuration, problems } = validateConfiguration(
    text('nope = 1\nui = true\nlistener "tcp" { address = "x:y" }'),
    {},
  );
  assert.equal(configuration, undefined);
  assert.deepEqual(
    problems.map(one => `${one.severity} ${shownProblem(one)}`),
    [
      'warning a.hcl:1:1: unknown or unsupported field "nope" found in configuration: it has no effect',
      'warning a.hcl:2:1: "ui" has no effect: the web UI is not part of this build',
      'error a.hcl:3:18: "address": expected host:port, such as "127.0.0.1:8200" or "[::]:8200"',
      'error a.hcl:3:10: TLS is on: set "tls_cert_file" and "tls_key_file", or turn it off with tls_disable = true',
      'error a.hcl:1:1: a storage backend must be specified: add storage "sqlite" { path = "…" }, or storage "postgresql" { connection_url = "…" }',
    ],
  );
});

test('client certificates: not asked for, asked for, or required', () => {
  const mode = (body: string): string | undefined =>
    read(`storage "inmem" {} listener "tcp" { tls_cert_file = "c" tls_key_file = "k" ${body} }`).listeners[0]?.tls
      ?.clientCertificates;
  assert.equal(mode(''), 'off');
  assert.equal(mode('tls_client_ca_file = "a"'), 'ask');
  assert.equal(mode('tls_client_ca_file = "a" tls_disable_client_certs = true'), 'off');
  assert.equal(mode('tls_client_ca_file = "a" tls_require_and_verify_client_cert = true'), 'require');
});

test('a static key may be written in hexadecimal or base64, with its last = or without', () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => index * 8);
  for (const key of [bytes.toHex(), bytes.toHex().toUpperCase(), bytes.toBase64(), bytes.toBase64().replace('=', '')]) {
    const { seal } = read(`${base}seal "static" { current_key_id = "a" current_key = "${key}" }`);
    assert.ok(seal.type === 'static' && 'secret' in seal.current.key);
    assert.deepEqual(seal.current.key.secret.reveal(), bytes);
  }
});

test('a secret of the configuration does not print', () => {
  const { seal } = read(`${base}seal "static" { current_key_id = "a" current_key = "${'7a'.repeat(32)}" }`);
  assert.ok(seal.type === 'static' && 'secret' in seal.current.key && seal.current.key.secret instanceof Secret);
  assert.ok(!JSON.stringify(seal).includes('7a7a'));
});

test('an anchor has its place elsewhere and a lag; one is enough', () => {
  const given = (body: string): string => `${base}anchor "file" { ${body} }`;
  assert.deepEqual(read(given('path = "/mnt/a"')).anchor, { path: '/mnt/a', maxLagSeconds: 1 });
  assert.deepEqual(read(given('path = "/mnt/a" max_lag = "100ms"')).anchor, { path: '/mnt/a', maxLagSeconds: 0.1 });
  for (const body of [
    '',
    'path = ""',
    'path = "a"',
    'path = "/a" max_lag = "0s"',
    'path = "/a" max_lag = "2h"',
    'lag = 1',
  ])
    assert.throws(() => read(given(body)), CofferError, body);
  assert.throws(() => read(`${given('path = "/a"')}\nanchor "file" { path = "/b" }`), /only one "anchor"/);
  assert.throws(() => read(`${base}anchor "s3" { path = "/a" }`), /unknown type of anchor/);
});
