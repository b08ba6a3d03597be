import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { createClient, type Coffer } from './client.ts';
import { enveloped, FakeServer } from './fake.ts';
import type { ClientOptions } from './options.ts';

const clientOf = (server: FakeServer, more: Partial<ClientOptions> = {}): Coffer =>
  createClient({ address: 'http://coffer.test', runtime: server.runtime(), ...more });

/** What the call ended with, turning the clock as often as it waits. */
const outcome = async (server: FakeServer, asked: Promise<unknown>, turns: number): Promise<unknown> => {
  const ended = asked.then(
    () => 'answered',
    (error: unknown) => error,
  );
  await server.settle();
  for (let turn = 0; turn < turns; turn += 1) await server.next();
  return Promise.race([ended, server.settle().then(() => 'still waiting')]);
};

test('a read is repeated after 5xx, waiting longer each time, and then answered', async () => {
  const server = new FakeServer().on('GET a', { status: 500 }, { status: 503 }, enveloped({ k: 'v' }));
  assert.equal(await outcome(server, clientOf(server).read('a'), 2), 'answered');
  assert.deepEqual(server.waitsMs, [60_000, 1000, 2000]);
});

test('repeating ends with the last refusal', async () => {
  const server = new FakeServer().on('GET a', { status: 500, body: { errors: ['broken'] } });
  const error = await outcome(server, clientOf(server).read('a'), 2);
  assert.ok(error instanceof CofferError);
  assert.equal(error.code, 'internal');
  assert.equal(server.requests.length, 3);
});

test('a write is not repeated after 5xx, because the server may have run it', async () => {
  const server = new FakeServer().on('PUT a', { status: 500 });
  const error = await outcome(server, clientOf(server).write('a'), 0);
  assert.ok(error instanceof CofferError);
  assert.equal(server.requests.length, 1);
});

test('a write that was never sent is repeated; one that may have arrived is not', async () => {
  const never = new FakeServer().on('PUT a', { fails: 'before' }, {});
  assert.equal(await outcome(never, clientOf(never).write('a'), 1), 'answered');
  const maybe = new FakeServer().on('PUT a', { fails: 'after' }, {});
  const error = await outcome(maybe, clientOf(maybe).write('a'), 0);
  assert.ok(error instanceof CofferError);
  assert.equal(error.code, 'unreachable');
});

test('a node that is behind (412) is asked again, also for a write; 501, 400 and 404 are not', async () => {
  const behind = new FakeServer().on('PUT a', { status: 412 }, {});
  assert.equal(await outcome(behind, clientOf(behind).write('a'), 1), 'answered');
  for (const status of [501, 400, 403]) {
    const server = new FakeServer().on('GET a', { status });
    await outcome(server, clientOf(server).read('a'), 0);
    assert.equal(server.requests.length, 1, String(status));
  }
});

test('Retry-After is honoured, unless it is longer than a client should wait', async () => {
  const server = new FakeServer().on('GET a', { status: 503, headers: { 'retry-after': '7' } }, enveloped({}));
  assert.equal(await outcome(server, clientOf(server).read('a'), 1), 'answered');
  assert.deepEqual(server.waitsMs, [60_000, 7000]);
  const long = new FakeServer().on('GET a', { status: 503, headers: { 'retry-after': '3600' } });
  const error = await outcome(long, clientOf(long).read('a'), 0);
  assert.ok(error instanceof CofferError);
  assert.equal(error.retryAfterSeconds, 3600);
});

test('a call ends at its deadline, or when the caller says so', async () => {
  const server = new FakeServer().on('GET a', { hangs: true });
  const late = await outcome(server, clientOf(server, { timeoutSeconds: 5 }).read('a'), 1);
  assert.ok(late instanceof CofferError);
  assert.equal(late.code, 'request_timeout');
  assert.match(late.message, /within 5 s/);
  const controller = new AbortController();
  const asked = clientOf(server).request({ method: 'GET', path: 'a', signal: controller.signal });
  const ended = asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  await server.settle();
  controller.abort();
  assert.match(String(await ended), /ended by the caller/);
});

test('a wait between two tries ends with the caller too', async () => {
  const server = new FakeServer().on('GET a', { status: 500 });
  const controller = new AbortController();
  const asked = clientOf(server).request({ method: 'GET', path: 'a', signal: controller.signal });
  const ended = asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  await server.settle();
  controller.abort();
  assert.match(String(await ended), /ended by the caller/);
  assert.equal(server.timers, 0);
});

test('one redirect to another node is followed, never a second, and none from https to http', async () => {
  const to = (location: string): { status: number; headers: { location: string } } => ({
    status: 307,
    headers: { location },
  });
  const server = new FakeServer().on('PUT a', to('http://other.test/v1/b')).on('PUT b', {});
  assert.equal(await outcome(server, clientOf(server).write('a', { k: 'v' }), 0), 'answered');
  assert.deepEqual(server.requests[1]?.body, new Map([['k', 'v']]));
  const round = new FakeServer().on('GET a', to('http://other.test/v1/a'));
  await outcome(round, clientOf(round).read('a'), 0);
  assert.equal(round.requests.length, 2);
  const down = new FakeServer().on('GET a', to('http://other.test/v1/b'));
  await outcome(down, clientOf(down, { address: 'https://coffer.test' }).read('a'), 0);
  assert.equal(down.requests.length, 1);
});
