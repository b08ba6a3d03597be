/** A server with a file, a socket and an HTTP device: all get the same records, and one that dies stops nothing (F3). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { apiOf, initialise, startConfigured } from './calls.ts';
import { newFolder, type ServerProcess } from './server.ts';

const host = '127.0.0.1';
const started: ServerProcess[] = [];
const sockets = new Set<Socket>();
let overSocket = '';
const posted: string[] = [];

const listenTcp = async (port: number): Promise<Server> => {
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      overSocket += bytes.toString();
    });
  });
  await new Promise<void>(done => server.listen(port, host, done));
  return server;
};

const end = async (server: Server): Promise<void> => {
  for (const socket of sockets) socket.destroy();
  await new Promise(done => server.close(done));
};

const http = createHttpServer((asked, answer) => {
  let text = '';
  asked.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  asked.on('end', () => {
    posted.push(text);
    answer.end();
  });
});

after(async () => {
  for (const server of started) await server.stop();
  http.closeAllConnections();
  await new Promise(done => http.close(done));
});

const portOf = (server: { address: () => unknown }): number => (server.address() as AddressInfo).port;

test('F3: devices of three types get the same records; one that dies is told once, and used again when it is back', async () => {
  const folder = newFolder();
  const file = path.join(folder, 'audit.log');
  const tcp = await listenTcp(0);
  const port = portOf(tcp);
  await new Promise<void>(done => http.listen(0, host, done));
  const device = (type: string, options: string): string => `audit "${type}" "${type}" { options { ${options} } }\n`;
  const server = await startConfigured({
    folder,
    more:
      device('file', `file_path = "${file}" sync = "fsync"`) +
      device('socket', `address = "${host}:${port}" elide_list_responses = true`) +
      device('http', `uri = "http://${host}:${portOf(http)}/in"`),
  });
  started.push(server);
  const api = apiOf(server.address);
  await initialise(api);
  await api.call('POST', 'cubbyhole/one', { body: { k: 'canary-8812' }, status: 204 });
  const ids = (lines: readonly string[]): string[] =>
    lines.flatMap(line => (JSON.parse(line).type === 'chain' ? [] : [JSON.parse(line).request.id as string]));
  const inFile = (): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);
  assert.deepEqual(ids(posted), ids(inFile()));
  assert.deepEqual(ids(overSocket.split('\n').slice(0, -1)), ids(inFile()));
  await end(tcp);
  for (let turn = 0; turn < 5; turn++) await api.call('GET', 'cubbyhole/one');
  assert.equal(server.said().match(/could not take a record/g)?.length, 1);
  const again = await listenTcp(port);
  await api.call('GET', 'cubbyhole/back', { status: 404 });
  await api.call('GET', 'cubbyhole/back', { status: 404 });
  assert.match(server.said(), /audit device is well again/);
  assert.match(overSocket, /cubbyhole\/back/);
  assert.deepEqual(ids(posted), ids(inFile()));
  assert.equal(`${overSocket}${posted.join('')}${inFile().join('')}`.includes('canary-8812'), false);
  await end(again);
});
