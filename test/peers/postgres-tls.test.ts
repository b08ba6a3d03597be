/** The way to PostgreSQL over TLS: what each `sslmode` lets pass, on a real server with certificates of its own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { Link } from '../../packages/server/src/platform/postgres/link.ts';
import { parseTarget } from '../../packages/server/src/platform/postgres/target.ts';
import { tlsOf } from '../../packages/server/src/platform/postgres/tls.ts';
import { textOf } from '../../packages/server/src/platform/postgres/wire.ts';
import { need } from '../counterparts/counterpart.ts';
import { postgres18 } from '../counterparts/postgres.ts';
import { Bed } from '../faults/postgres/bed.ts';
import { PostgresPlace } from './postgres/programs.ts';
import { type PostgresServer, startPostgres } from './postgres/server.ts';

const { skip, path: native } = need(postgres18);
let place: PostgresPlace;
let folder = '';
const servers: PostgresServer[] = [];

const openssl = (...args: readonly string[]): void => {
  execFileSync('openssl', [...args], { cwd: folder, stdio: 'pipe' });
};

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];

const makeAuthority = (name: string): void =>
  openssl('req', '-x509', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`);

const makeLeaf = (name: string, san: string): void => {
  openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
  writeFileSync(path.join(folder, `${name}.ext`), `subjectAltName=${san}\n`);
  const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
  openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.crt`);
};

const startWith = async (certificate: string): Promise<PostgresServer> => {
  const own = place.newFolder();
  const file = (end: string): string =>
    place.write(path.join(own, `server${end}`), readFileSync(path.join(folder, certificate + end), 'utf8'));
  const server = await startPostgres(place, { ssl: 'on', ssl_cert_file: file('.crt'), ssl_key_file: file('.key') });
  servers.push(server);
  return server;
};

let named: PostgresServer;
let misnamed: PostgresServer;

before(async () => {
  if (skip !== false) return;
  place = new PostgresPlace(native);
  folder = place.newFolder();
  makeAuthority('ca');
  makeAuthority('other');
  makeLeaf('named', 'IP:127.0.0.1,DNS:localhost');
  makeLeaf('misnamed', 'DNS:elsewhere.example');
  named = await startWith('named');
  misnamed = await startWith('misnamed');
});
after(async () => {
  for (const server of servers) await server.stop('SIGKILL');
  if (skip === false) place.remove();
});

const roots = (name: string): string => `&sslrootcert=${encodeURIComponent(path.join(folder, `${name}.crt`))}`;

/** Whether the server says that the connection is encrypted. */
const encrypted = async (url: string): Promise<string> => {
  const target = parseTarget(url, () => undefined);
  const [host] = target.hosts;
  assert.ok(host !== undefined);
  const link = await Link.open({ target, host, tls: await tlsOf(target), connectMs: 10_000 });
  const text = 'SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
  const { rows } = await link.ask({ statement: { name: '', text }, values: [] }, 10_000);
  link.destroy();
  return textOf(rows[0]?.[0]);
};

test('each mode connects where it may, and encrypts', { skip }, async () => {
  const cases: [server: PostgresServer, query: string, want: string][] = [
    [named, 'sslmode=disable', 'false'],
    [named, 'sslmode=require', 'true'],
    [misnamed, 'sslmode=require', 'true'],
    [named, `sslmode=verify-ca${roots('ca')}`, 'true'],
    [misnamed, `sslmode=verify-ca${roots('ca')}`, 'true'],
    [named, `sslmode=verify-full${roots('ca')}`, 'true'],
    [named, '', 'true'],
  ];
  for (const [server, query, want] of cases) assert.equal(await encrypted(server.url(query)), want, query);
  assert.equal(
    await encrypted(named.url(`sslmode=verify-full${roots('ca')}`).replace('127.0.0.1', 'localhost')),
    'true',
  );
});

test('a server that cannot prove who it is gets no password and no store', { skip }, async () => {
  const cases: [server: PostgresServer, query: string][] = [
    [named, 'sslmode=verify-full'],
    [named, 'sslmode=verify-ca'],
    [named, `sslmode=verify-full${roots('other')}`],
    [named, `sslmode=require${roots('other')}`],
    [misnamed, `sslmode=verify-full${roots('ca')}`],
  ];
  for (const [server, query] of cases) {
    const bed = new Bed();
    const failure = await bed.open(server.url(query)).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(failure instanceof CofferError && failure.code === 'storage_failed', query);
    assert.match(failure.message, /cannot be trusted over TLS/, query);
    assert.ok(bed.quiet);
  }
  const bed = new Bed();
  await assert.rejects(
    bed.open(named.url('sslmode=verify-full&sslrootcert=/nowhere.pem')),
    /sslrootcert names cannot be read \(ENOENT\)/,
  );
});

test('a certificate that nothing can be bound to is told, and works without the binding', { skip }, async () => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ed25519',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=ed',
    '-keyout',
    'ed.key',
    '-out',
    'ed.crt',
  );
  const server = await startWith('ed');
  const bed = new Bed();
  await assert.rejects(bed.open(server.url('sslmode=require')), CofferError);
  assert.equal(await encrypted(server.url('sslmode=require&channel_binding=disable')), 'true');
});

test('a store works over TLS', { skip }, async () => {
  const bed = new Bed();
  const store = await bed.open(named.url(`sslmode=verify-full${roots('ca')}`));
  const value = Buffer.alloc(3_000_000, 'x');
  await store.commit({ id: '1'.padStart(32, '0'), writes: [{ key: 'k', value }] });
  assert.ok(value.equals((await store.get('k'))?.value ?? new Uint8Array(0)));
  await store.close();
});
