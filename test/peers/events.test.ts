/** The change stream of a real server: WebSockets of another implementation, the client, the command. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@coffer/client/client.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { type Api, apiOf } from './calls.ts';
import { startCoffer } from './coffer.ts';
import { newFolder, type ServerProcess, startDevServer } from './server.ts';

let server: ServerProcess;
let api: Api;

before(async () => {
  server = await startDevServer();
  api = apiOf(server.address, 'root');
});

after(async () => {
  await server.stop();
});

const canary = 'canary-fieldmouse';
const put = (path: string): Promise<unknown> =>
  api.call('POST', `secret/data/${path}`, { body: { data: { password: canary } } });

const policy = `path "sys/events/subscribe/*" { capabilities = ["read"] }
path "secret/*" { capabilities = ["list", "subscribe"] subscribe_event_types = ["kv*"] }`;

const tokenOf = async (): Promise<string> => {
  await api.call('PUT', 'sys/policies/acl/follower', { body: { policy }, status: 204 });
  const made = await api.call('POST', 'auth/token/create', { body: { policies: ['follower'] } });
  return made.auth.client_token;
};

interface Heard {
  readonly socket: WebSocket;
  readonly texts: string[];
  readonly buffers: ArrayBuffer[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** By the WebSocket that comes with Node. */
const socketTo = async (target: string, token: string, of = server.address): Promise<Heard> => {
  const address = `${of.replace('http', 'ws')}/v1/sys/events/subscribe/${target}`;
  const socket = new WebSocket(address, { headers: { 'X-Vault-Token': token } });
  socket.binaryType = 'arraybuffer';
  const heard = { texts: [] as string[], buffers: [] as ArrayBuffer[] };
  socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
    if (typeof data === 'string') heard.texts.push(data);
    else if (data instanceof ArrayBuffer) heard.buffers.push(data);
  });
  const closed = new Promise<{ code: number; reason: string }>(done =>
    socket.addEventListener('close', ({ code, reason }) => done({ code, reason })),
  );
  await new Promise<void>((done, failed) => {
    socket.addEventListener('open', () => done());
    socket.addEventListener('error', () => failed(new Error('the handshake failed')));
  });
  return { socket, ...heard, closed };
};

const until = async (holds: () => boolean): Promise<void> => {
  for (let left = 1_000; left > 0 && !holds(); left--) await pause(10);
  assert.ok(holds(), 'what is waited for did not happen');
};

test('a WebSocket client that asks as operators of Vault do gets CloudEvents, and no value in them', async () => {
  const { socket, texts, closed } = await socketTo('kv%2A?json=true', await tokenOf());
  await put('app');
  await api.call('DELETE', 'secret/metadata/app', { status: 204 });
  await until(() => texts.length === 2);
  const told = texts.map(text => JSON.parse(text));
  assert.deepEqual(
    told.map(({ data }) => [data.event_type, data.event.metadata.path]),
    [
      ['kv-v2/data-write', 'secret/data/app'],
      ['kv-v2/metadata-delete', 'secret/metadata/app'],
    ],
  );
  assert.doesNotMatch(texts.join(), new RegExp(canary));
  socket.close(1000);
  assert.equal((await closed).code, 1000);
});

test('without json=true the messages are binary', async () => {
  const { socket, buffers } = await socketTo('kv*', 'root');
  await put('binary');
  await until(() => buffers.length === 1);
  socket.close();
});

test('a client that sends a message is closed with 1008', async () => {
  const { socket, closed } = await socketTo('*?json=true', 'root');
  socket.send('hello');
  assert.deepEqual(await closed, { code: 1008, reason: 'no messages are taken here' });
});

test('a WebSocket of a token that is revoked is closed with 1008 and the reason', async () => {
  const token = await tokenOf();
  const { closed } = await socketTo('kv*?json=true', token);
  await api.call('POST', 'auth/token/revoke', { body: { token }, status: 204 });
  assert.deepEqual(await closed, { code: 1008, reason: 'the token is not valid any more' });
});

test('a server that is stopped says so to those who follow', async () => {
  const other = await startDevServer();
  const following = await fetch(`${other.address}/v1/sys/events/subscribe/kv*`, {
    headers: { 'X-Vault-Token': 'root' },
  });
  const { closed } = await socketTo('kv*?json=true', 'root', other.address);
  const text = following.text();
  assert.equal(await other.stop(), 0);
  assert.deepEqual(await closed, { code: 1001, reason: 'the server shuts down' });
  assert.match(await text, /event: closed\ndata: \{"code":1001,"reason":"the server shuts down"\}\n\n$/);
});

test('refusals come before the handshake is accepted', async () => {
  await assert.rejects(socketTo('kv*', 'no-token'), /handshake failed/);
  await assert.rejects(socketTo('kv*?json=maybe', 'root'), /handshake failed/);
});

test('the client follows, and can go on later where it was', async () => {
  const client = createClient({ address: server.address, token: await tokenOf() });
  const stop = new AbortController();
  const following = client.events('kv-v2/*', { signal: stop.signal, filter: 'data_path == secret/data/two' });
  const first = following.next();
  await pause(300);
  for (const path of ['one', 'two']) await put(path);
  const { value } = await first;
  assert.ok(value?.kind === 'event');
  assert.deepEqual([value.type, value.path], ['kv-v2/data-write', 'secret/data/two']);
  stop.abort();
  assert.equal((await following.next()).done, true);
  await put('three');
  for await (const item of client.events('*', { since: value.revision })) {
    assert.equal(item.kind === 'event' && item.path, 'secret/data/three');
    break;
  }
});

test('the client throws what the server refuses, and where its token ends', async () => {
  const token = await tokenOf();
  const client = createClient({ address: server.address, token });
  const refusal = (code: string) => (error: unknown) => error instanceof CofferError && error.code === code;
  await assert.rejects(client.events('*', { filter: 'nonsense' }).next(), refusal('invalid_request'));
  await assert.rejects(
    createClient({ address: server.address, token: 'x' }).events('*').next(),
    refusal('permission_denied'),
  );
  const following = client.events('*');
  const ended = assert.rejects(following.next(), refusal('permission_denied'));
  await pause(300);
  await api.call('POST', 'auth/token/revoke', { body: { token }, status: 204 });
  await ended;
});

test('the command prints a line for each event, or JSON, and stops when it is told to', async () => {
  const surroundings = { env: { COFFER_ADDR: server.address, COFFER_TOKEN: 'root' }, cwd: newFolder() };
  const people = startCoffer(['events', '-timeout=8s'], surroundings);
  const programs = startCoffer(
    ['events', 'subscribe', '-timeout=8s', '-filter=operation == data-write', 'kv*'],
    surroundings,
  );
  await pause(2_500);
  await put('printed');
  await api.call('DELETE', 'secret/data/printed', { status: 204 });
  const [lines, json] = await Promise.all([people.ended, programs.ended]);
  assert.equal(lines.code, 0, lines.err);
  const shown = lines.out.split('\n').map(line => line.split(/ {2,}/).slice(1));
  assert.deepEqual(shown, [
    ['kv-v2/data-write', 'secret/data/printed', 'version 1'],
    ['kv-v2/data-delete', 'secret/data/printed', 'version 1'],
    [],
  ]);
  assert.equal(json.code, 0, json.err);
  const events = json.out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    events.map(({ data }) => data.event_type),
    ['kv-v2/data-write'],
  );
});

test('the command says what it was refused', async () => {
  const surroundings = { env: { COFFER_ADDR: server.address, COFFER_TOKEN: 'none' }, cwd: newFolder() };
  const refused = await startCoffer(['events'], surroundings).ended;
  assert.equal(refused.code, 2);
  assert.match(refused.err, /Error following \*: .*permission denied/s);
});
