import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgresSettings } from './configuration.ts';
import { shownProblem } from './problem.ts';
import { validateConfiguration } from './read.ts';

const secret = 'canary/pass:word@1';
const url = `postgresql://app:${encodeURIComponent(secret)}@db.example:5433/coffer?sslmode=verify-full`;
const text = (body: string): string => `listener "tcp" { tls_disable = true }\nstorage "postgresql" {\n${body}\n}\n`;
const read = (body: string, env: { readonly [name: string]: string } = {}) =>
  validateConfiguration([{ name: 'c', text: text(body) }], env);
const problems = (body: string, env?: { readonly [name: string]: string }): string[] =>
  read(body, env).problems.map(shownProblem);
const settings = (body: string, env?: { readonly [name: string]: string }): PostgresSettings => {
  const { configuration, problems: found } = read(body, env);
  assert.ok(configuration?.storage.type === 'postgresql', found.map(shownProblem).join('\n'));
  return configuration.storage;
};

test('what is left out has its default', () => {
  const { target, ...rest } = settings(`connection_url = "${url}"`);
  assert.deepEqual(rest, {
    type: 'postgresql',
    table: 'coffer',
    skipCreate: false,
    parallel: undefined,
    idle: undefined,
    attempts: 1,
  });
  assert.deepEqual(
    [target.hosts, target.user, target.tls],
    [[{ host: 'db.example', port: 5433 }], 'app', 'verify-full'],
  );
  assert.equal(target.password?.revealText(), secret);
});

test('every key counts', () => {
  const body = `connection_url = "${url}"\ntable = "own.kept"\nskip_create_table = true\nmax_parallel = "8"\nmax_idle_connections = 0\nmax_connect_retries = 0`;
  const { table, skipCreate, parallel, idle, attempts } = settings(body);
  assert.deepEqual([table, skipCreate, parallel, idle, attempts], ['own.kept', true, 8, 0, 0]);
});

test('the URL of the environment wins, and libpq’s variables fill in what is left out', () => {
  for (const name of ['COFFER_PG_CONNECTION_URL', 'BAO_PG_CONNECTION_URL', 'VAULT_PG_CONNECTION_URL'])
    assert.equal(settings('connection_url = "postgres://x@a/b"', { [name]: url }).target.user, 'app');
  const { target } = settings('', { PGUSER: 'u', PGHOST: '/run/postgresql', PGPASSWORD: secret, PGDATABASE: 'd' });
  assert.deepEqual([target.user, target.database, target.tls], ['u', 'd', 'disable']);
  assert.equal(target.password?.revealText(), secret);
});

test('what cannot be is refused where it stands', () => {
  const found: [body: string, want: string][] = [
    [`connection_url = "${url}&sslmod=disable"`, 'c:3:1: connection_url: a parameter in it is not known'],
    [`connection_url = "${url}"\ntable = "Kept; DROP"`, 'c:4:1: "table": expected PREFIX or SCHEMA.PREFIX'],
    [`connection_url = "${url}"\nmax_parallel = 0`, 'c:4:1: "max_parallel": expected a number from 1 to 1000'],
    [`connection_url = "postgres://a@b.example/c?sslmode=disable"`, 'c:2:9: sslmode=disable: whoever is on the way'],
    [`connection_url = "${url}"\nha_table = "other"`, 'c:4:1: "ha_table" in storage postgresql has no effect'],
  ];
  for (const [body, want] of found) {
    const [first = ''] = problems(body);
    assert.ok(first.startsWith(want), first);
  }
  for (const word of ['true', 'false'])
    assert.deepEqual(problems(`connection_url = "${url}"\nha_enabled = "${word}"`), []);
});

test('no problem and no printing shows the password', () => {
  const bad = [`${url}&x=1`, url.replace('5433', '99999'), url.replace('postgresql', 'mysql'), `${url}#x`, `${url}%zz`];
  for (const one of bad) {
    const found = problems(`connection_url = "${one}"`);
    assert.ok(found.length > 0, one);
    for (const said of found) assert.ok(!/canary|word@|word%40|db\.example/.test(said), said);
  }
  const { configuration } = read(`connection_url = "${url}"`);
  assert.ok(!JSON.stringify(configuration).includes('canary'));
});
