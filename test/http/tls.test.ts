/** Listeners over TLS and on unix sockets, with certificates made here. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect as connectPlain, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { TlsFiles } from '@coffer/server/platform/net/tls.ts';
import { type Bed, RawClient, settle, startBed, until } from './bed.ts';

const folder = mkdtempSync(join(tmpdir(), 'coffer-tls-'));
const at = (name: string): string => join(folder, name);
const openssl = (line: string): void => void execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'pipe' });

const open: Bed[] = [];
const bedWith = async (...options: Parameters<typeof startBed>): Promise<Bed> => {
  const bed = await startBed(...options);
  open.push(bed);
  return bed;
};

const selfSigned = (name: string): void =>
  openssl(
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=DNS:${name} -keyout ${name}.key -out ${name}.crt`,
  );

before(() => {
  for (const name of ['first', 'second', 'authority', 'stranger']) selfSigned(name);
  openssl('req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=client -keyout client.key -out client.csr');
  openssl('x509 -req -in client.csr -CA authority.crt -CAkey authority.key -days 2 -out client.crt');
});

after(async () => {
  for (const { server, clock } of open) {
    const closed = server.close(0);
    clock.turn(2000);
    await closed;
  }
  rmSync(folder, { recursive: true });
});

const host = { host: '127.0.0.1', port: 0 };
const files = (more: Partial<TlsFiles> = {}): TlsFiles => ({
  certFile: at('first.crt'),
  keyFile: at('first.key'),
  ...more,
});

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;

interface Secured {
  readonly client: RawClient;
  readonly socket: TLSSocket;
}

async function secured(bed: Bed, options: ConnectionOptions = {}): Promise<Secured> {
  const socket = connect({ port: bed.server.port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  const client = new RawClient(socket);
  let isReady = false;
  socket.on('secureConnect', () => {
    isReady = true;
  });
  await until(() => isReady || client.isClosed);
  return { client, socket };
}

/** The name in the certificate that the listener shows to new connections. */
async function shownName(bed: Bed): Promise<string | undefined> {
  const { client, socket } = await secured(bed);
  const name = socket.getPeerCertificate().subject.CN;
  client.socket.destroy();
  return name as string | undefined;
}

test('a WebSocket goes over TLS as it goes without', async () => {
  const messages = (async function* () {
    yield { kind: 'text' as const, bytes: Buffer.from('hello') };
    yield { kind: 'close' as const, code: 1000, reason: '' };
  })();
  const handle = async () => ({ status: 101, headers: [], body: undefined, messages });
  const bed = await bedWith({ listen: { address: host, tls: files() }, handle });
  const { client } = await secured(bed);
  client.send(
    'GET /v1/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await until(() => client.received.endsWith('\x81\x05hello\x88\x02\x03\xe8'));
  client.socket.destroy();
});

test('LIST, pipelining and bodies work over TLS, split inside the verb, and the peer is known as secure', async () => {
  const bed = await bedWith({ listen: { address: host, tls: files() } });
  const { client } = await secured(bed);
  client.send('LI');
  await settle();
  client.send(
    `ST /v1/a HTTP/1.1\r\nHost: x\r\n\r\n${get('/v1/b')}POST /v1/c HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab`,
  );
  await client.hears(2);
  client.send(`cdSCAN /v1/d HTTP/1.1\r\nHost: x\r\n\r\n`);
  await client.hears(4);
  assert.deepEqual(
    bed.seen.map(({ method, target, body, request }) => [method, target, body, request.peer.secure]),
    [
      ['LIST', '/v1/a', '', true],
      ['GET', '/v1/b', '', true],
      ['POST', '/v1/c', 'abcd', true],
      ['SCAN', '/v1/d', '', true],
    ],
  );
  client.socket.destroy();
});

test('a chunked body over TLS goes the general way', async () => {
  const bed = await bedWith({ listen: { address: host, tls: files() } });
  const { client } = await secured(bed);
  client.send(`${get('/v1/a')}PUT /v1/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab`);
  await client.hears(1);
  client.send('c\r\n0\r\n\r\n');
  await client.ended();
  assert.deepEqual([client.statuses, bed.seen[1]?.body, bed.seen[1]?.request.peer.secure], [[200, 200], 'abc', true]);
});

test('versions below the least are refused', async () => {
  const bed = await bedWith({ listen: { address: host, tls: files({ minVersion: 'tls13' }) } });
  const old = await secured(bed, { maxVersion: 'TLSv1.2' });
  assert.equal(old.socket.getProtocol(), null);
  const { client, socket } = await secured(bed);
  assert.equal(socket.getProtocol(), 'TLSv1.3');
  client.socket.destroy();
});

test('the highest version and the suites of TLS 1.2 are those configured', async () => {
  const cipherSuites = ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'];
  const bed = await bedWith({ listen: { address: host, tls: files({ maxVersion: 'tls12', cipherSuites }) } });
  const { client, socket } = await secured(bed);
  assert.deepEqual([socket.getProtocol(), socket.getCipher().name], ['TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384']);
  client.socket.destroy();
  const other = await secured(bed, { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
  assert.equal(other.socket.getProtocol(), null);
});

test('an unknown cipher suite is a mistake that names it', async () => {
  const tls = files({ cipherSuites: ['TLS_RSA_WITH_RC4_128_SHA'] });
  await assert.rejects(startBed({ listen: { address: host, tls } }), /TLS_RSA_WITH_RC4_128_SHA/);
});

test('a listener that requires client certificates speaks only with those its authority signed', async () => {
  const tls = files({ clientCaFile: at('authority.crt'), clientCertificates: 'require' });
  const bed = await bedWith({ listen: { address: host, tls } });
  const shown = (name: string): ConnectionOptions => ({
    cert: readFileSync(at(`${name}.crt`)),
    key: readFileSync(at(`${name}.key`)),
  });
  for (const options of [{}, shown('stranger')]) {
    const { client } = await secured(bed, options);
    client.send(get('/v1/a'));
    await client.ended();
    assert.equal(client.received, '');
  }
  const { client } = await secured(bed, shown('client'));
  client.send(get('/v1/a'));
  await client.hears(1);
  assert.equal(bed.seen.length, 1);
  client.socket.destroy();
});

test('certificates are read anew when asked, and open connections go on', async () => {
  copyFileSync(at('first.crt'), at('live.crt'));
  copyFileSync(at('first.key'), at('live.key'));
  const bed = await bedWith({ listen: { address: host, tls: { certFile: at('live.crt'), keyFile: at('live.key') } } });
  const { client } = await secured(bed);
  copyFileSync(at('second.crt'), at('live.crt'));
  copyFileSync(at('second.key'), at('live.key'));
  assert.equal(await shownName(bed), 'first');
  await bed.server.reload();
  assert.equal(await shownName(bed), 'second');
  client.send(get('/v1/a'));
  await client.hears(1);
  client.socket.destroy();
});

test('certificates are read anew when their files change, once both belong together', async () => {
  copyFileSync(at('first.crt'), at('watched.crt'));
  copyFileSync(at('first.key'), at('watched.key'));
  const tls = { certFile: at('watched.crt'), keyFile: at('watched.key') };
  const bed = await bedWith({ listen: { address: host, tls } });
  const looks = async (count: number): Promise<void> => {
    bed.clock.turn(31_000);
    await until(() => bed.logged.length === count);
    await settle();
  };
  copyFileSync(at('second.crt'), at('watched.crt'));
  await looks(1);
  assert.match(bed.logged[0]?.message ?? '', /cannot be used/);
  assert.equal(await shownName(bed), 'first');
  copyFileSync(at('second.key'), at('watched.key'));
  await looks(2);
  assert.match(bed.logged[1]?.message ?? '', /reloaded/);
  assert.equal(await shownName(bed), 'second');
});

test('files that cannot be used are a refusal to start, and to reload', async () => {
  writeFileSync(at('broken.crt'), 'not a certificate');
  const bad: TlsFiles[] = [
    { certFile: at('none.crt'), keyFile: at('first.key') },
    { certFile: at('broken.crt'), keyFile: at('first.key') },
    { certFile: at('first.crt'), keyFile: at('second.key') },
  ];
  for (const tls of bad) await assert.rejects(startBed({ listen: { address: host, tls } }));
  copyFileSync(at('first.crt'), at('later.crt'));
  const bed = await bedWith({
    listen: { address: host, tls: { certFile: at('later.crt'), keyFile: at('first.key') } },
  });
  copyFileSync(at('second.crt'), at('later.crt'));
  await assert.rejects(bed.server.reload());
  assert.equal(await shownName(bed), 'first');
});

test('S14: a client that speaks plain HTTP to a TLS listener is let go, and the next one served', async () => {
  const bed = await bedWith({ listen: { address: host, tls: files() } });
  const plain = RawClient.to(bed);
  plain.send(get('/v1/a'));
  await plain.ended();
  assert.equal(await shownName(bed), 'first');
});

test('S14: TLS that is never negotiated holds no connection for long, counts, and makes room', async () => {
  const bed = await bedWith({ listen: { address: host, tls: files() }, limits: { connections: 2 } });
  const mute = [RawClient.to(bed), RawClient.to(bed)];
  await settle();
  const { client } = await secured(bed);
  client.send(get('/v1/a'));
  await client.hears(1);
  await mute[0]?.ended();
  assert.equal(mute[1]?.isEnded, false);
  bed.clock.turn(13_000);
  await mute[1]?.ended();
  assert.equal(client.isEnded, false);
  for (let turn = 0; turn < 3; turn++) {
    assert.equal(await shownName(bed), 'first');
    await settle();
  }
  client.send(get('/v1/a'));
  await client.hears(2);
  client.socket.destroy();
});

test('a unix socket has the mode asked for, serves, and is gone after closing', async () => {
  const path = at('api.sock');
  for (const mode of [0o600, 0o666]) {
    const bed = await startBed({ listen: { address: { path, mode } } });
    assert.deepEqual([statSync(path).mode & 0o777, bed.server.address, bed.server.port], [mode, path, 0]);
    const client = new RawClient(connectPlain(path));
    client.send('LIST /v1/a HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.hears(1);
    const { address, port, secure } = bed.seen[0]?.request.peer ?? {};
    assert.deepEqual({ address, port, secure }, { address: '', port: 0, secure: false });
    await assert.rejects(startBed({ listen: { address: { path } } }), /another process listens/);
    client.socket.destroy();
    await bed.server.close(1000);
    assert.equal(existsSync(path) || existsSync(`${path}~`), false);
  }
});

test('a unix socket that a dead server left is replaced', async () => {
  const path = at('left.sock');
  const dead = createServer().listen(at('dead.sock'));
  await once(dead, 'listening');
  renameSync(at('dead.sock'), path);
  dead.close();
  const bed = await startBed({ listen: { address: { path } } });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await bed.server.close(0);
});

test('a file that is no socket is never replaced', async () => {
  await assert.rejects(startBed({ listen: { address: { path: at('first.key') } } }), /is not a socket/);
  assert.match(readFileSync(at('first.key'), 'utf8'), /PRIVATE KEY/);
});

test('an address that cannot be had is a refusal to start', async () => {
  const bed = await bedWith();
  await assert.rejects(startBed({ listen: { address: { host: '127.0.0.1', port: bed.server.port } } }), /EADDRINUSE/);
});
