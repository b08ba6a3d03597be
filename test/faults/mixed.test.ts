/** Faults under a mixed load on a real server: nothing that was acknowledged is lost, and nothing that was taken back returns. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { cCompiler } from '../counterparts/c-compiler.ts';
import { need } from '../counterparts/counterpart.ts';
import { newFolder } from '../peers/server.ts';
import { Acknowledged, type MixedLoad, openWraps, startMixedLoad, verifyMixed } from './mixed.ts';
import { Disk } from './shim.ts';
import { type Place, prepare, startUsersServer, unsealed, type UsersServer } from './users-server.ts';

const compiler = need(cCompiler);
const waitLimitMs = 60_000;
const killRounds = 8;
const loadMs = 400;

const device = (type: string, name: string, options: string): string =>
  `audit "${type}" "${name}" {\n  options {\n    ${options}\n  }\n}\n`;
const fileDevice = (folder: string, name: string): string =>
  device('file', name, `file_path = "${folder}/${name}.log"`);

/** A folder of its own, and whatever runs on it is ended with the test. */
const bedFor = (context: TestContext) => {
  const folder = newFolder();
  const running: { server?: UsersServer } = {};
  context.after(async () => {
    await running.server?.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const start = async (place: Omit<Place, 'folder'>, token?: string): Promise<UsersServer> => {
    const server = await startUsersServer({ ...place, folder });
    running.server = server;
    if (token === undefined) await prepare(server.api);
    else {
      server.api.token = token;
      await unsealed(server.api);
    }
    return server;
  };
  return { folder, start };
};

const until = async (load: MixedLoad, condition: () => boolean): Promise<void> => {
  const endMs = performance.now() + waitLimitMs;
  while (!condition()) {
    assert.ok(performance.now() < endMs, 'what was waited for did not come');
    // A worker that found a mistake ends the load.
    await Promise.race([load.done, pause(5)]);
  }
};

const moreThan = (load: MixedLoad, count: number): Promise<void> => {
  const before = load.known.yes;
  return until(load, () => load.known.yes > before + count);
};

const told = (known: Acknowledged): string =>
  `${known.secrets.size} secrets, ${known.tokens.size} tokens, ${known.deadTokens.size} revoked, ${known.leases.size} leases, ${known.goneUsers.size} ended, ${known.wraps.size} wrapped, ${known.opened.size} opened`;

/** Paths of secrets that a file of records names as written. */
const written = (file: string): ReadonlySet<string> =>
  new Set(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line.includes('"type":"response"') && line.includes('"operation":"create"'))
      .flatMap(line => /"path":"kept\/data\/([0-9a-f]+)"/.exec(line)?.[1] ?? []),
  );

const assertRecorded = (known: Acknowledged, files: readonly string[]): void => {
  const found = new Set(files.flatMap(file => [...written(file)]));
  for (const name of known.secrets.keys()) assert.ok(found.has(name), `the write of ${name} is on no record`);
};

test('F1, F4: a server killed under a mixed load has all it acknowledged, and its records, when it opens again', async context => {
  const { folder, start } = bedFor(context);
  const place = { audit: fileDevice(folder, 'one') };
  let server = await start(place);
  const { token } = server.api;
  const known = new Acknowledged();
  for (let round = 0; round < killRounds; round++) {
    const load = startMixedLoad(server.api, known);
    await moreThan(load, 100);
    await pause(randomInt(loadMs));
    assert.equal(await server.kill('SIGKILL'), 'SIGKILL');
    await load.stop();
    server = await start(place, token);
    await verifyMixed(server.api, known, folder);
  }
  assert.ok(known.deadTokens.size > 10 && known.goneUsers.size > 10 && known.opened.size > 10, told(known));
  await openWraps(server.api, known);
  assertRecorded(known, [`${folder}/one.log`]);
  context.diagnostic(`${killRounds} kills: ${told(known)}`);
});

test('F1: a full disk under a mixed load refuses, loses nothing acknowledged, and service comes back by itself', {
  skip: compiler.skip,
}, async context => {
  const { folder, start } = bedFor(context);
  const disk = new Disk(compiler.path, folder, 'data/store.db');
  context.after(() => disk.close());
  const place = { audit: fileDevice(folder, 'one'), env: disk.env };
  let server = await start(place);
  const { token } = server.api;
  const known = new Acknowledged();
  const load = startMixedLoad(server.api, known);
  for (let round = 0; round < 4; round++) {
    await moreThan(load, 100);
    disk.failWrites('ENOSPC');
    const before = known.refused.get(507) ?? 0;
    await until(load, () => (known.refused.get(507) ?? 0) > before + 40);
    disk.failWrites('none');
  }
  await moreThan(load, 100);
  await load.stop();
  await verifyMixed(server.api, known, folder);
  assert.equal(await server.kill('SIGKILL'), 'SIGKILL');
  server = await start({ audit: place.audit }, token);
  await verifyMixed(server.api, known, folder);
  await openWraps(server.api, known);
  assertRecorded(known, [`${folder}/one.log`]);
  assert.ok(disk.failed() > 0);
  context.diagnostic(`${known.refused.get(507)} refused: ${told(known)}`);
});

const host = '127.0.0.1';
const portOf = (server: { address: () => unknown }): number => (server.address() as AddressInfo).port;

/** A peer that takes records over TCP and can be killed and started anew at the same port. */
class Taker {
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  port = 0;
  bytes = 0;

  async start(): Promise<void> {
    const server = createServer(socket => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => (this.bytes += chunk.length));
    });
    await new Promise<void>(done => server.listen(this.port, host, done));
    this.port = portOf(server);
    this.#server = server;
  }

  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await new Promise(done => this.#server?.close(done));
  }
}

test('F3: audit devices die and hang under a mixed load: one healthy one is enough, with none nothing is done, and it comes back', {
  skip: compiler.skip,
}, async context => {
  const { folder, start } = bedFor(context);
  const disk = new Disk(compiler.path, folder, 'main.log');
  const taker = new Taker();
  await taker.start();
  let hangs = false;
  const http = createHttpServer((asked, answer) => {
    asked.resume();
    asked.on('end', () => (hangs ? undefined : answer.end()));
  });
  await new Promise<void>(done => http.listen(0, host, done));
  context.after(async () => {
    disk.close();
    http.closeAllConnections();
    await new Promise(done => http.close(done));
    await taker.kill();
  });
  const audit =
    fileDevice(folder, 'main') +
    device('socket', 'socket', `address = "${host}:${taker.port}"`) +
    device('http', 'http', `uri = "http://${host}:${portOf(http)}/records"`);
  const server = await start({ audit, env: disk.env });
  const known = new Acknowledged();
  const load = startMixedLoad(server.api, known);
  await moreThan(load, 200);
  await taker.kill();
  await moreThan(load, 200);
  hangs = true;
  await moreThan(load, 200);
  assert.deepEqual([...known.refused], [], 'a healthy device is enough');
  // The last one is full: nothing more is done.
  disk.failWrites('ENOSPC');
  const refused = () => known.refused.get(500) ?? 0;
  await until(load, () => refused() > 40);
  const acknowledged = known.yes;
  const later = refused();
  await until(load, () => refused() > later + 40);
  assert.equal(known.yes, acknowledged, 'something was done without a record');
  disk.failWrites('none');
  await moreThan(load, 200);
  hangs = false;
  await taker.start();
  const bytes = taker.bytes;
  await until(load, () => taker.bytes > bytes);
  await load.stop();
  await verifyMixed(server.api, known, folder);
  await openWraps(server.api, known);
  assertRecorded(known, [path.join(folder, 'main.log')]);
  assert.match(server.said(), /audit device could not take a record/);
  context.diagnostic(`${refused()} refused: ${told(known)}`);
});
