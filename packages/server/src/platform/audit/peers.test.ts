/** Audit targets that are reached over sockets, against peers that read, stop reading, go away and come back. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { httpTarget } from './http.ts';
import { openStream, type Place } from './stream.ts';
import { openSyslog } from './syslog.ts';

const limitMs = 300;
const host = '127.0.0.1';
const isFailure = (error: unknown): boolean => error instanceof CofferError && error.code === 'audit_failed';

class Listener {
  text = '';
  isReading = true;
  server: Server | undefined;
  readonly sockets = new Set<Socket>();

  async listen(place: Place | { readonly host: string; readonly port: 0 }): Promise<Place> {
    this.server = createServer(socket => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      if (this.isReading)
        socket.on('data', (bytes: Buffer) => {
          this.text += bytes.toString();
        });
    });
    await new Promise<void>(done => this.server?.listen(place, done));
    return 'path' in place ? place : { host, port: (this.server.address() as AddressInfo).port };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise(done => this.server?.close(done));
  }

  async has(text: string): Promise<void> {
    for (let turn = 0; this.text !== text && turn < 500; turn++) await new Promise(done => setTimeout(done, 10));
    assert.equal(this.text, text);
  }
}

test('lines reach a TCP and a unix socket, also after the peer went away and came back (F3)', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-audit-'));
  for (const asked of [{ host, port: 0 }, { path: path.join(folder, 's') }] as const) {
    const first = new Listener();
    const place = await first.listen(asked);
    const target = await openStream(place, limitMs);
    await target.write(Buffer.from('a\nb\n'));
    await first.has('a\nb\n');
    await first.close();
    await new Promise(done => setTimeout(done, 20));
    await assert.rejects(target.write(Buffer.from('c\n')), isFailure);
    const second = new Listener();
    await second.listen(place);
    await target.write(Buffer.from('d\n'));
    await second.has('d\n');
    await target.reopen();
    await target.write(Buffer.from('e\n'));
    await second.has('d\ne\n');
    await target.close();
    await assert.rejects(target.write(Buffer.from('f\n')));
    await second.close();
    await assert.rejects(openStream(place, limitMs), isFailure);
  }
});

test('F3: a peer that stops reading is given up within the limit, and one that reads again is used', async () => {
  const peer = new Listener();
  peer.isReading = false;
  const place = await peer.listen({ host, port: 0 });
  const target = await openStream(place, limitMs);
  await assert.rejects(target.write(Buffer.alloc(64_000_000, 0x61)), { code: 'ETIMEDOUT' });
  peer.isReading = true;
  await target.write(Buffer.from('again\n'));
  await peer.has('again\n');
  await target.close();
  await peer.close();
});

test('each record is posted by itself, and only 2xx takes it', async () => {
  const got: string[] = [];
  let status = 204;
  const server = createHttpServer((asked, answer) => {
    let text = `${asked.method} ${asked.url} ${asked.headers['content-type']} ${String(asked.headers['x-many'])} `;
    asked.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    asked.on('end', () => {
      got.push(text);
      if (status !== 0) answer.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(1000));
    });
  });
  await new Promise<void>(done => server.listen(0, host, done));
  const uri = `http://${host}:${(server.address() as AddressInfo).port}/in?a=1`;
  const target = httpTarget({ uri, headers: { 'X-Many': ['a', 'b'] }, limitMs });
  await target.write(Buffer.from('{"n":1}\n{"n":2}\n'));
  assert.deepEqual(
    got,
    [1, 2].map(n => `POST /in?a=1 application/json a, b {"n":${n}}`),
  );
  for (status of [302, 400, 500]) await assert.rejects(target.write(Buffer.from('{}\n')), isFailure);
  assert.equal(got.length, 5);
  status = 0;
  await assert.rejects(target.write(Buffer.from('{}\n')), { code: 'ETIMEDOUT' });
  status = 200;
  await target.write(Buffer.from('{"n":3}\n'));
  await target.close();
  server.closeAllConnections();
  await new Promise(done => server.close(done));
  await assert.rejects(target.write(Buffer.from('{}\n')), { code: 'ECONNREFUSED' });
});

const named = { facility: 4, tag: 'store', limitMs };
const head = /^<38>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+ store \d+ - - /;

test('the system log of another machine gets one message for each record, by UDP and by TCP', async () => {
  const socket = createSocket('udp4');
  const messages: string[] = [];
  socket.on('message', bytes => messages.push(bytes.toString()));
  await new Promise<void>(done => socket.bind(0, host, done));
  const udp = await openSyslog({ ...named, address: { transport: 'udp', host, port: socket.address().port } });
  await udp.write(Buffer.from('one\ntwo\n'));
  await assert.rejects(udp.write(Buffer.from(`${'x'.repeat(70_000)}\nthree\n`)), isFailure);
  for (let turn = 0; messages.length < 3 && turn < 500; turn++) await new Promise(done => setTimeout(done, 10));
  assert.deepEqual(
    messages.map(one => one.replace(head, '')),
    ['one', 'two', 'three'],
  );
  await udp.close();
  socket.close();

  const peer = new Listener();
  const place = await peer.listen({ host, port: 0 });
  assert.ok('port' in place);
  const tcp = await openSyslog({ ...named, address: { transport: 'tcp', ...place } });
  await tcp.write(Buffer.from('one\ntwo\n'));
  for (let turn = 0; !peer.text.includes('two') && turn < 500; turn++) await new Promise(done => setTimeout(done, 10));
  const [count, rest] = [Number.parseInt(peer.text, 10), peer.text.replace(/^\d+ /, '')];
  assert.equal(rest.slice(0, count).replace(head, ''), 'one');
  await tcp.close();
  await peer.close();
});

test('where this machine has no system log, the device says so', {
  skip: existsSync('/dev/log') ? 'this machine has one' : false,
}, async () => {
  await assert.rejects(openSyslog({ ...named, address: undefined }), /there is no system log on this machine/);
});
