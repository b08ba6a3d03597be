/** Three servers as their users run them, on one real PostgreSQL. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { need } from '../counterparts/counterpart.ts';
import { postgres18 } from '../counterparts/postgres.ts';
import { startBalancer } from './balancer.ts';
import { type Api, apiOf, auditBlock, initialise, startConfigured, staticSeal } from './calls.ts';
import { runCoffer } from './coffer.ts';
import { PostgresPlace } from './postgres/programs.ts';
import { type PostgresServer, startPostgres } from './postgres/server.ts';
import { newFolder, type ServerProcess } from './server.ts';

const limitMs = 60_000;

/** Real time passes: until it is so. */
const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + limitMs; !(await holds()); await wait(20)) assert.ok(Date.now() < end, what);
};

class Nodes {
  readonly database: PostgresServer;
  readonly #seal = staticSeal();
  readonly all: ServerProcess[] = [];
  /** Of all there are and were. */
  readonly auditFiles: string[] = [];

  apis: readonly Api[] = [];
  rootToken = '';

  constructor(database: PostgresServer) {
    this.database = database;
  }

  /** Three, of which the first makes the store. */
  async begin(): Promise<void> {
    const first = apiOf((await this.start()).address);
    this.rootToken = (await initialise(first, 0, 0)).rootToken;
    await first.call('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
    const others = [await this.start(), await this.start()];
    this.apis = [first, ...others.map(({ address }) => apiOf(address, this.rootToken))];
  }

  api(index: number): Api {
    return this.apis[index] ?? assert.fail();
  }

  async start(): Promise<ServerProcess> {
    const folder = newFolder();
    const storage = `storage "postgresql" {\n  connection_url = "${this.database.url()}"\n}`;
    const more = `${this.#seal}${auditBlock(folder)}drain_duration = "1s"\n`;
    const node = await startConfigured({ folder, storage, more });
    this.all.push(node);
    this.auditFiles.push(path.join(folder, 'audit.log'));
    return node;
  }

  async stop(node: ServerProcess): Promise<void> {
    this.all.splice(this.all.indexOf(node), 1);
    assert.equal(await node.stop(), 0, node.said());
  }
}

const knowsAll = (nodes: () => Nodes): void => {
  test('all are active and know of each other', async () => {
    await until('three nodes', async () => {
      const { data } = await nodes().api(2).call('GET', 'sys/ha-status');
      return data.nodes.length === 3;
    });
    for (const api of nodes().apis) {
      await api.call('GET', 'sys/health');
      const leader = await api.call('GET', 'sys/leader');
      assert.deepEqual([leader.ha_enabled, leader.is_self], [true, true]);
    }
  });
};

const readsOwnWrites = (nodes: () => Nodes): void => {
  test('whoever carries X-Vault-Index along reads through any node what was written through any', async () => {
    for (let round = 0; round < 30; round++) {
      const [writer, reader] = [nodes().api(round % 3), nodes().api((round + 1) % 3)];
      const headers = { 'X-Vault-Token': nodes().rootToken };
      const body = JSON.stringify({ data: { round } });
      const written = await fetch(`${writer.address}/v1/secret/data/app`, { method: 'POST', headers, body });
      assert.equal(written.status, 200);
      const state = written.headers.get('x-vault-index') ?? assert.fail();
      const { data } = await reader.call('GET', 'secret/data/app', { headers: { 'X-Vault-Index': state } });
      assert.equal(data.data.round, round);
    }
  });
};

const sleeps = (nodes: () => Nodes): void => {
  test('a node that was stopped serves nothing of what it knew', async () => {
    const [first, third] = [nodes().api(0), nodes().api(2)];
    const made = await first.call('POST', 'auth/token/create', { body: { policies: ['default'] } });
    const token: string = made.auth.client_token;
    await until('the token is known', () =>
      fetch(`${third.address}/v1/auth/token/lookup-self`, { headers: { 'X-Vault-Token': token } }).then(
        ({ status }) => status === 200,
      ),
    );
    const { pid } = nodes().all[2] ?? assert.fail();
    process.kill(pid, 'SIGSTOP');
    await first.call('POST', 'auth/token/revoke', { body: { token }, status: 204 });
    const asked = Array.from({ length: 20 }, () =>
      fetch(`${third.address}/v1/auth/token/lookup-self`, { headers: { 'X-Vault-Token': token } }),
    );
    await wait(1_500);
    process.kill(pid, 'SIGCONT');
    for (const answer of await Promise.all(asked)) assert.ok([403, 503].includes(answer.status), `${answer.status}`);
    await third.call('GET', 'auth/token/lookup-self', { token, status: 403 });
  });
};

const races = (nodes: () => Nodes): void => {
  test('two who write one secret at once do not lose each other’s version', async () => {
    const rounds = 20;
    const wins = await Promise.all(
      nodes().apis.map(async api => {
        let won = 0;
        for (let round = 0; round < rounds; round++) {
          const headers = { 'X-Vault-Token': nodes().rootToken };
          const now = await fetch(`${api.address}/v1/secret/metadata/race`, { headers });
          const version =
            now.status === 404 ? 0 : ((await now.json()) as { data: { current_version: number } }).data.current_version;
          const body = JSON.stringify({ options: { cas: version }, data: { by: api.address } });
          const done = await fetch(`${api.address}/v1/secret/data/race`, { method: 'POST', headers, body });
          if (done.status === 200) won++;
          else assert.equal(done.status, 400, await done.text());
        }
        return won;
      }),
    );
    const { data } = await nodes().api(0).call('GET', 'secret/metadata/race');
    assert.equal(
      data.current_version,
      wins.reduce((sum, won) => sum + won, 0),
    );
  });
};

const restarts = (nodes: () => Nodes): void => {
  test('a rolling restart behind a plain balancer fails no request and loses no write', async t => {
    const balancer = await startBalancer();
    t.after(() => balancer.close());
    for (const { address } of nodes().all) balancer.add(address);
    await until('three healthy', () => balancer.healthy === 3);
    const failures: string[] = [];
    const over = { is: false };
    const written: number[] = [];
    const worker = async (id: number): Promise<void> => {
      for (let round = 0; !over.is; round++) {
        const target = `${balancer.address}/v1/secret/data/load/${id}`;
        const headers = { 'X-Vault-Token': nodes().rootToken };
        const method = round % 2 === 0 ? 'POST' : 'GET';
        const body = method === 'POST' ? JSON.stringify({ data: { round } }) : undefined;
        const answer = await fetch(target, { method, headers, ...(body === undefined ? {} : { body }) });
        const text = await answer.text();
        if (answer.status !== 200) failures.push(`${method} ${answer.status} ${text}`);
        else if (method === 'POST') written[id] = (written[id] ?? 0) + 1;
      }
    };
    const workers = Array.from({ length: 6 }, (_, id) => worker(id));
    for (const old of Array.from(nodes().all)) {
      await nodes().stop(old);
      balancer.remove(old.address);
      const fresh = await nodes().start();
      balancer.add(fresh.address);
      await until('three healthy again', () => balancer.healthy === 3);
    }
    over.is = true;
    await Promise.all(workers);
    assert.deepEqual(failures, []);
    const api = apiOf(nodes().all[0]?.address ?? assert.fail(), nodes().rootToken);
    for (const [id, count] of written.entries()) {
      const { data } = await api.call('GET', `secret/metadata/load/${id}`);
      assert.equal(data.current_version, count);
    }
    t.diagnostic(`${written.reduce((sum, count) => sum + count, 0)} writes over three restarts`);
  });
};

const proves = (nodes: () => Nodes): void => {
  test('the audit files of all nodes together are whole; without those of one that serves they are not', async () => {
    const [address, token] = [nodes().all[0]?.address ?? '', nodes().rootToken];
    const verified = (files: readonly string[]) =>
      runCoffer(['audit', 'verify', ...files], {
        env: { HOME: newFolder(), VAULT_ADDR: address, VAULT_TOKEN: token },
        cwd: newFolder(),
      });
    const whole = await verified(nodes().auditFiles);
    assert.equal(whole.code, 0, whole.out + whole.err);
    assert.notEqual((await verified(nodes().auditFiles.slice(0, -1))).code, 0);
  });
};

const seals = (nodes: () => Nodes): void => {
  test('sealing one seals all', async () => {
    const api = apiOf(nodes().all[0]?.address ?? assert.fail(), nodes().rootToken);
    await api.call('PUT', 'sys/seal', { status: 204 });
    for (const { address } of nodes().all)
      await until('sealed', async () => (await apiOf(address).call('GET', 'sys/seal-status')).sealed);
  });
};

const suite = (native: string) => (): void => {
  let place: PostgresPlace;
  let nodes: Nodes;

  before(async () => {
    place = new PostgresPlace(native);
    nodes = new Nodes(await startPostgres(place));
    await nodes.begin();
  });
  after(async () => {
    for (const node of Array.from(nodes.all)) await nodes.stop(node);
    await nodes.database.stop('SIGQUIT');
    place.remove();
  });

  for (const promise of [knowsAll, readsOwnWrites, sleeps, races, restarts, proves, seals]) promise(() => nodes);
};

const { skip, path: native } = need(postgres18);
describe('many nodes', { skip }, suite(native));
