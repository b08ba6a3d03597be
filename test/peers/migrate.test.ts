/** A store moves from SQLite to a real PostgreSQL and back, by the command, with a server before, between and after. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { need } from '../counterparts/counterpart.ts';
import { postgres18 } from '../counterparts/postgres.ts';
import { type Api, apiOf, initialise, type Opened, startConfigured } from './calls.ts';
import { type Ended, runCoffer, startCoffer } from './coffer.ts';
import { password, PostgresPlace } from './postgres/programs.ts';
import { type PostgresServer, startPostgres } from './postgres/server.ts';
import { newFolder, type ServerProcess } from './server.ts';

const secrets = 200;
const kills = 8;
const killWithinMs = 900;

class Moving {
  readonly folder = newFolder();
  readonly #url: () => string;
  #made: Opened | undefined;

  constructor(url: () => string) {
    this.#url = url;
  }

  sqlite(name: string): string {
    return `"sqlite" {\n  path = "${path.join(this.folder, name)}"\n}\n`;
  }

  postgres(): string {
    return `"postgresql" {\n  connection_url = "${this.#url()}"\n  table = "moved"\n}\n`;
  }

  arguments(source: string, destination: string): readonly string[] {
    const file = path.join(this.folder, 'migrate.hcl');
    writeFileSync(file, `storage_source ${source}storage_destination ${destination}`);
    return ['operator', 'migrate', `-config=${file}`];
  }

  async migrate(source: string, destination: string): Promise<Ended> {
    const surroundings = { env: { HOME: this.folder }, cwd: this.folder };
    const ended = await runCoffer(this.arguments(source, destination), surroundings);
    this.#told(ended);
    return ended;
  }

  /** Killed at some moment; answers whether it had ended by itself before. */
  async migrateKilled(source: string, destination: string, afterMs: number): Promise<boolean> {
    const started = startCoffer(this.arguments(source, destination), { env: { HOME: this.folder }, cwd: this.folder });
    await Promise.race([wait(afterMs), started.ended]);
    started.kill('SIGKILL');
    const ended = await started.ended;
    this.#told(ended);
    return ended.code === 0;
  }

  #told({ out, err }: Ended): void {
    for (const secret of [password, encodeURIComponent(password), 'value of'])
      assert.ok(!(out + err).includes(secret), out + err);
  }

  async serve(storage: string): Promise<{ readonly server: ServerProcess; readonly api: Api }> {
    const server = await startConfigured({ folder: this.folder, storage: `storage ${storage}` });
    const api = apiOf(server.address, this.#made?.rootToken);
    if (this.#made === undefined) {
      this.#made = await initialise(api);
      await api.call('POST', 'sys/mounts/kept', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
    } else for (const key of this.#made.keys) await api.call('POST', 'sys/unseal', { body: { key } });
    return { server, api };
  }
}

const fill = async (api: Api, count: number): Promise<void> => {
  for (let at = 0; at < count; at++)
    await api.call('POST', `kept/data/a/${at}`, { body: { data: { value: `value of ${at}` } } });
};
const holds = async (api: Api, count: number): Promise<void> => {
  for (let at = 0; at < count; at++)
    assert.equal((await api.call('GET', `kept/data/a/${at}`)).data.data.value, `value of ${at}`);
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

  test('to PostgreSQL and back, with kills at any moment; what is in use or not empty is refused', async () => {
    const moving = new Moving(() => database.url());
    const [first, there, second] = [moving.sqlite('one.db'), moving.postgres(), moving.sqlite('two.db')];
    let { server, api } = await moving.serve(first);
    await fill(api, secrets);

    const inUse = await moving.migrate(first, there);
    assert.notEqual(inUse.code, 0);
    assert.match(inUse.err, /in use|another process|locked/i);
    await server.stop();

    const missing = await moving.migrate(moving.sqlite('none.db'), there);
    assert.deepEqual([missing.code, existsSync(path.join(moving.folder, 'none.db'))], [1, false]);
    assert.match(missing.err, /there is no store at/);

    let isDone = false;
    for (let kill = 1; kill <= kills && !isDone; kill++)
      isDone = await moving.migrateKilled(first, there, (kill * killWithinMs) / kills);
    const moved = await moving.migrate(first, there);
    // A kill may have come after it was in place: then it is whole, and a second one is refused.
    if (moved.code === 0) assert.match(moved.out, /^Success! \d+ records are in postgresql as they were in sqlite/);
    else assert.match(moved.err, /not empty/);
    assert.match((await moving.migrate(first, there)).err, /not empty/);

    ({ server, api } = await moving.serve(there));
    await holds(api, secrets);
    await api.call('POST', 'kept/data/a/0', { body: { data: { value: 'value of 0' } } });
    const served = await moving.migrate(there, second);
    assert.equal(served.code, 2);
    assert.match(served.err, /stop all servers of the store first/);
    await server.stop();

    const back = await moving.migrate(there, second);
    assert.equal(back.code, 0, back.err);
    ({ server, api } = await moving.serve(second));
    await holds(api, secrets);
    await server.stop();
    rmSync(moving.folder, { recursive: true });
  });
};

const { skip, path: native } = need(postgres18);
describe(postgres18.name, { skip }, suite(native));
