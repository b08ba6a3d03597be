import assert from 'node:assert/strict';
import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { OutsideCall } from '../../contracts/outside.ts';
import { openOutside } from './outside.ts';
import { mayReach } from './outside-address.ts';

const closing: (() => void)[] = [];
after(() => closing.forEach(close => close()));

const serve = async (listener: RequestListener, options: ServerOptions = {}): Promise<string> => {
  const server = createServer(options, listener);
  await new Promise<void>(done => void server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const call = (url: string, more: Partial<OutsideCall> = {}): OutsideCall => ({
  url,
  method: 'GET',
  headers: new Map([['x-a', 'b']]),
  reach: 'anywhere',
  answerLimitBytes: 1000,
  limitMs: 30_000,
  ...more,
});

const failure = async (asked: Promise<unknown>): Promise<string> => {
  const error: unknown = await asked.then(
    () => assert.fail('was answered'),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof CofferError, String(error));
  return `${error.code}: ${error.publicMessage}`;
};

test('a call carries method, headers and body, and its answer comes back', async () => {
  const url = await serve((request, answer) => {
    request.setEncoding('utf8');
    const seen = `${request.method} ${String(request.headers['x-a'])}`;
    request.on('data', (body: string) => answer.writeHead(201).end(`${seen} ${body}`));
  });
  const outside = openOutside();
  const { status, body } = await outside(call(url, { method: 'POST', body: new TextEncoder().encode('hello') }));
  assert.deepEqual([status, new TextDecoder().decode(body)], [201, 'POST b hello']);
});

test('S20: a redirect is an answer, and nobody goes after it', async () => {
  let followed = false;
  const url = await serve((request, answer) => {
    followed ||= request.url === '/b';
    answer.writeHead(302, { location: '/b' }).end();
  });
  assert.equal((await openOutside()(call(`${url}/a`))).status, 302);
  assert.equal(followed, false);
});

test('S20: addresses where clouds keep credentials are never called, however they are written', async () => {
  const outside = openOutside();
  for (const host of [
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '[fe80::1]',
    '[::ffff:169.254.169.254]',
    '[fd00:ec2::254]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
    '[::169.254.169.254]',
    '168.63.129.16',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '100.100.100.200',
    '[::]',
  ])
    assert.equal(
      await failure(outside(call(`https://${host}/`))),
      'invalid_request: address of a server: it may not be called from here',
      host,
    );
});

test('S20: only who says so reaches this machine and the networks behind it, by name or number', async () => {
  const outside = openOutside();
  for (const host of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '172.16.0.1', '[::1]', '[fc00::1]', '[::ffff:10.0.0.1]'])
    assert.match(await failure(outside(call(`https://${host}/`, { reach: 'public' }))), /may not be called/, host);
  assert.match(await failure(outside(call('https://localhost:1/', { reach: 'public' }))), /ADDRESS_FORBIDDEN/);
  assert.match(await failure(outside(call('https://localhost:1/'))), /ECONNREFUSED/);
  assert.equal(mayReach('192.0.2.1', 'public'), true);
  assert.equal(mayReach('2001:db8::1', 'public'), true);
  assert.equal(mayReach('localhost', 'anywhere'), false);
});

test('what is no https, or carries credentials, is not called', async () => {
  const outside = openOutside();
  for (const url of [
    'http://example.com/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'https://a:b@127.0.0.1/',
    'x',
    '',
  ])
    assert.match(await failure(outside(call(url))), /^invalid_request: address of a server: expected/, url);
});

test('no answer in time, too long a one and a broken one are failures that do not say where', async () => {
  const outside = openOutside();
  const silent = await serve(() => undefined);
  assert.equal(
    await failure(outside(call(silent, { limitMs: 50 }))),
    'unreachable: the server behind this path cannot be reached (ETIMEDOUT)',
  );
  const trickling = await serve((_, answer) => {
    answer.write('a');
  });
  assert.match(await failure(outside(call(trickling, { limitMs: 50 }))), /^unreachable: /);
  const long = await serve((_, answer) => void answer.end('a'.repeat(1001)));
  assert.match(await failure(outside(call(long))), /ANSWER_TOO_LONG/);
  const broken = await serve((_, answer) => {
    answer.writeHead(200, { 'content-length': 100 });
    answer.write('a');
    setImmediate(() => answer.socket?.destroy());
  });
  assert.match(await failure(outside(call(broken))), /^unreachable: /);
  const closed = await failure(outside(call('https://127.0.0.1:1/')));
  assert.equal(closed, 'unreachable: the server behind this path cannot be reached (ECONNREFUSED)');
});

test('a kept connection that the server has closed is tried again, once', async () => {
  let calls = 0;
  const url = await serve((request, answer) => {
    calls++;
    if (calls === 2) request.socket.destroy();
    else answer.end('a');
  });
  const outside = openOutside();
  assert.equal((await outside(call(url))).status, 200);
  assert.equal((await outside(call(url))).status, 200);
  assert.equal(calls, 3);
});

test('S14: of many calls to one server some wait, and the others are refused at once', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const url = await serve((_, answer) => {
    waiting.push(() => void answer.end());
    most = Math.max(most, waiting.length);
  });
  const outside = openOutside();
  const all = Array.from({ length: 600 }, () =>
    outside(call(url)).then(
      () => 'answered',
      (error: CofferError) => error.code,
    ),
  );
  for (let left = 544; left > 0; ) {
    await new Promise(done => setImmediate(done));
    for (const go of waiting.splice(0)) {
      left--;
      go();
    }
  }
  const told = await Promise.all(all);
  assert.equal(told.filter(one => one === 'answered').length, 544);
  assert.equal(told.filter(one => one === 'quota_exceeded').length, 56);
  assert.ok(most <= 32);
});

test('S14: connections that are kept to many servers keep no call from another', async () => {
  const outside = openOutside();
  for (let server = 0; server < 36; server++) {
    // Says nothing of when it will close them, as API servers do not.
    const url = await serve((_, response) => void setTimeout(() => response.end(), 20), { keepAliveTimeout: 0 });
    await Promise.all(Array.from({ length: 8 }, () => outside(call(url))));
  }
});

test('S14: a name that is not answered is asked for once, and others are answered meanwhile', async () => {
  const url = new URL(await serve((_, response) => void response.end('here')));
  const asked: string[] = [];
  const late = Promise.withResolvers<void>();
  const outside = openOutside((hostname, _, told) => {
    asked.push(hostname);
    const answer = (): void => told(null, [{ address: '127.0.0.1', family: 4 }]);
    if (hostname === 'slow.test') void late.promise.then(answer);
    else answer();
  });
  const slow = Array.from({ length: 20 }, () => failure(outside(call(`https://slow.test:${url.port}/`))));
  assert.match(await failure(outside(call(`https://fast.test:${url.port}/`))), /^unreachable: /);
  assert.deepEqual(asked, ['slow.test', 'fast.test']);
  late.resolve();
  for (const told of await Promise.all(slow)) assert.match(told, /^unreachable: /);
  await failure(outside(call(`https://slow.test:${url.port}/`)));
  assert.equal(asked.length, 3);
});
