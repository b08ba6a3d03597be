/** The server as its users run it, on a real PostgreSQL. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { need } from '../counterparts/counterpart.ts';
import { postgres15, postgres18 } from '../counterparts/postgres.ts';
import { apiOf, auditBlock, configurationFile, initialise, startConfigured } from './calls.ts';
import { runCoffer } from './coffer.ts';
import { password, PostgresPlace } from './postgres/programs.ts';
import { type PostgresServer, startPostgres } from './postgres/server.ts';
import { newFolder } from './server.ts';

const block = (url: string, more = ''): string => `storage "postgresql" {\n  connection_url = "${url}"\n  ${more}\n}`;

const told = (text: string): void => {
  assert.ok(!text.includes(password), text);
  assert.ok(!text.includes(encodeURIComponent(password)), text);
};

type Database = () => PostgresServer;

const lives = (database: Database): void => {
  test('a store is made, written to, restarted with its database and read, and the password shows nowhere', async () => {
    const folder = newFolder();
    const configured = {
      folder,
      storage: block(database().url(), 'table = "one"'),
      more: `${auditBlock(folder)}drain_duration = "0s"\n`,
    };
    let server = await startConfigured(configured);
    let api = apiOf(server.address);
    const { keys, rootToken } = await initialise(api, 3, 2);
    await api.call('POST', 'sys/mounts/kept', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
    for (let i = 0; i < 20; i++) await api.call('POST', `kept/data/a/${i}`, { body: { data: { value: `v${i}` } } });
    const shown = await api.call('GET', 'sys/config/state/sanitized');
    assert.deepEqual(shown.data.storage, { type: 'postgresql' });
    assert.equal((await api.call('GET', 'sys/seal-status')).storage_type, 'postgresql');
    assert.equal(await server.stop(), 0);
    told(server.said() + JSON.stringify(shown));

    await database().stop();
    await database().start();
    server = await startConfigured(configured);
    api = apiOf(server.address, rootToken);
    for (const key of keys.slice(0, 2)) await api.call('POST', 'sys/unseal', { body: { key } });
    for (let i = 0; i < 20; i++) {
      const { data } = await api.call('GET', `kept/data/a/${i}`);
      assert.equal(data.data.value, `v${i}`);
    }
    assert.equal((await api.call('LIST', 'kept/metadata/a')).data.keys.length, 20);
    assert.equal(await server.stop('SIGKILL'), 'SIGKILL');
    told(server.said() + readFileSync(path.join(folder, 'audit.log'), 'utf8'));
    rmSync(folder, { recursive: true });
  });
};

const refuses = (database: Database): void => {
  test('a start that cannot be says which host and why, once, and no password', async () => {
    const cases: [url: string, words: RegExp, more?: string][] = [
      [database().url().replace('Kq7', 'Kq8'), /127\.0\.0\.1:\d+.*does not let this user in/s],
      [database().url().replace('/postgres?', '/none?'), /has no database of this name/],
      [database().url('sslmode=require'), /cannot be trusted over TLS|does not support SSL/],
      [database().url().replace(`:${database().port}/`, ':1/'), /cannot be reached \(ECONNREFUSED\)/],
      [database().url(), /skip_create_table is set/, 'table = "absent"\n  skip_create_table = true'],
    ];
    for (const [url, words, more] of cases) {
      const folder = newFolder();
      const file = configurationFile({ folder, storage: block(url, more) });
      const { code, out, err } = await runCoffer(['server', `-config=${file}`], {
        env: { HOME: folder },
        cwd: folder,
      });
      assert.notEqual(code, 0);
      assert.match(out + err, words);
      told(out + err);
      rmSync(folder, { recursive: true });
    }
  });

  test('a server that may wait for its database comes up once that is there', async () => {
    const folder = newFolder();
    await database().stop();
    const starting = startConfigured({ folder, storage: block(database().url(), 'max_connect_retries = 0') });
    const [server] = await Promise.all([starting, wait(3_000).then(() => database().start())]);
    await initialise(apiOf(server.address));
    assert.equal(await server.stop(), 0);
    rmSync(folder, { recursive: true });
  });

  test('the URL of the environment wins over the file', async () => {
    const folder = newFolder();
    const file = configurationFile({ folder, storage: block('postgresql://nobody@127.0.0.1:1/none') });
    const env = { HOME: folder, VAULT_PG_CONNECTION_URL: database().url().replace('/postgres?', '/from-environment?') };
    const { err } = await runCoffer(['server', `-config=${file}`], { env, cwd: folder });
    assert.match(err, /has no database of this name/);
    rmSync(folder, { recursive: true });
  });
};

const suite = (native: string) => (): void => {
  let place: PostgresPlace;
  let database: PostgresServer;
  before(async () => {
    place = new PostgresPlace(native);
    database = await startPostgres(place);
  });
  after(async () => {
    await database.stop('SIGQUIT');
    place.remove();
  });

  lives(() => database);
  refuses(() => database);
};

for (const counterpart of [postgres15, postgres18]) {
  const { skip, path: native } = need(counterpart);
  describe(counterpart.name, { skip }, suite(native));
}
