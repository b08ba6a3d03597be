import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from './client.ts';
import { enveloped, type FakeAnswer, FakeServer } from './fake.ts';

const renewed = (seconds: number, renewable = true): FakeAnswer =>
  enveloped(null, { auth: { client_token: 's.a', lease_duration: seconds, renewable } });
const found = (seconds: number, renewable = true): FakeAnswer => enveloped({ ttl: seconds, renewable });

const started = async (server: FakeServer): Promise<{ ended: string[]; renewals: number[]; stop: () => void }> => {
  const ended: string[] = [];
  const renewals: number[] = [];
  const client = createClient({ address: 'http://coffer.test', token: 's.a', retries: 0, runtime: server.runtime() });
  const kept = client.keepTokenAlive({
    onEnded: reason => ended.push(reason.code),
    onRenewed: seconds => renewals.push(seconds),
  });
  await server.settle();
  return { ended, renewals, stop: () => kept.stop() };
};

/** The waits for renewals, without the deadlines of calls. */
const waits = (server: FakeServer): number[] => server.waitsMs.filter(ms => ms !== 60_000);

test('a token is renewed after two thirds of its time, again and again', async () => {
  const server = new FakeServer()
    .on('GET auth/token/lookup-self', found(3600))
    .on('PUT auth/token/renew-self', renewed(3600));
  const { renewals, ended } = await started(server);
  await server.next();
  await server.next();
  assert.deepEqual(waits(server), [2_400_000, 2_400_000, 2_400_000]);
  assert.deepEqual(renewals, [3600, 3600]);
  assert.deepEqual(ended, []);
});

test('it tells when the token is not renewable, and when it was refused', async () => {
  const fixed = await started(new FakeServer().on('GET auth/token/lookup-self', found(3600, false)));
  assert.deepEqual(fixed.ended, ['invalid_request']);
  const refused = new FakeServer()
    .on('GET auth/token/lookup-self', found(3600))
    .on('PUT auth/token/renew-self', { status: 403, body: { errors: ['permission denied'] } });
  const kept = await started(refused);
  await refused.next();
  assert.deepEqual(kept.ended, ['permission_denied']);
});

test('a renewal that fails in passing is repeated while there is time left', async () => {
  const server = new FakeServer()
    .on('GET auth/token/lookup-self', found(900))
    .on('PUT auth/token/renew-self', { status: 503 }, renewed(900));
  const { renewals, ended } = await started(server);
  await server.next();
  await server.next();
  assert.deepEqual(waits(server), [600_000, 100_000, 600_000]);
  assert.deepEqual([renewals, ended], [[900], []]);
});

test('it tells when the time is over without a renewal', async () => {
  const server = new FakeServer()
    .on('GET auth/token/lookup-self', found(9))
    .on('PUT auth/token/renew-self', { status: 503 });
  const { ended } = await started(server);
  for (let turn = 0; turn < 10 && ended.length === 0; turn += 1) await server.next();
  assert.deepEqual(ended, ['sealed']);
});

test('a token near the end of its life is not renewed for ever', async () => {
  const server = new FakeServer()
    .on('GET auth/token/lookup-self', found(3600))
    .on('PUT auth/token/renew-self', renewed(60));
  const { ended } = await started(server);
  await server.next();
  assert.deepEqual(ended, ['invalid_request']);
});

test('after stop nothing happens', async () => {
  const server = new FakeServer()
    .on('GET auth/token/lookup-self', found(3600))
    .on('PUT auth/token/renew-self', renewed(3600));
  const { stop, ended } = await started(server);
  stop();
  assert.equal(server.timers, 0);
  assert.deepEqual(ended, []);
});
