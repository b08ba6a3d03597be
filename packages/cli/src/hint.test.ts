/** What is said where nobody answers: one line that helps, and nothing where it would be a guess. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeIo } from './fake-io.ts';

test('where nobody answers, the address is asked about, and the missing variable named', async () => {
  const io = new FakeIo();
  io.server.on('GET x', { fails: 'before' });
  const there = await io.run('read', 'x');
  assert.equal(
    there.err,
    'Error reading x: GET http://coffer.test/v1/x: connection refused\n\n' +
      'Nothing listens there: is the server running, and is COFFER_ADDR its address?\n',
  );
  io.env.delete('COFFER_ADDR');
  assert.match(
    (await io.run('read', 'x')).err,
    /\n\nCOFFER_ADDR is not set\. .*COFFER_ADDR=http:\/\/127\.0\.0\.1:8200\n$/,
  );
  assert.match((await io.run('read', '-address=http://other.test', 'x')).err, /\n\nNothing listens there: /);
  io.env.set('VAULT_ADDR', 'http://old.test');
  assert.match((await io.run('read', 'x')).err, /old\.test\/v1\/x: connection refused\n\nNothing listens there: /);
  io.server.on('GET x', { fails: 'after' });
  assert.match((await io.run('read', 'x')).err, /connection refused\n$/);
});

test('a stream that cannot be opened names the address', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/events/subscribe/*', { fails: 'before' });
  const { err, code } = await io.run('events', '-timeout=30s');
  assert.match(
    err,
    /^Error following \*: GET http:\/\/coffer\.test\/v1\/sys\/events\/subscribe\/\*: connection refused\n\n/,
  );
  assert.equal(code, 2);
});

test('an answer that is text is shown as text, and harms no terminal', async () => {
  const io = new FakeIo();
  const answer = { raw: 'up 1\n\u001b[2Jup 2\n', headers: { 'content-type': 'text/plain; version=0.0.4' } };
  io.server.on('GET sys/metrics?format=prometheus', answer);
  const shown = await io.run('read', 'sys/metrics', 'format=prometheus');
  assert.deepEqual([shown.code, shown.out, shown.err], [0, 'up 1\n\\x1b[2Jup 2\n', '']);
  assert.equal((await io.run('read', '-format=raw', 'sys/metrics', 'format=prometheus')).out, answer.raw);
  const json = await io.run('read', '-format=json', 'sys/metrics', 'format=prometheus');
  assert.deepEqual([json.code, json.out], [1, '']);
  assert.match(json.err, /use -format=raw/);
  assert.equal((await io.run('read', '-field=up', 'sys/metrics', 'format=prometheus')).code, 1);
});

test('where only warnings came, no empty table is shown and what was done is told', async () => {
  const io = new FakeIo();
  io.server.on('PUT auth/token/tidy', { body: { request_id: 'r', data: null, warnings: ['cleared'] } });
  const { code, out, err } = await io.run('write', '-f', 'auth/token/tidy');
  assert.deepEqual([code, out], [0, 'Success! Data written to: auth/token/tidy\n']);
  assert.match(err, /cleared/);
  assert.match((await io.run('write', '-f', '-format=json', 'auth/token/tidy')).out, /"cleared"/);
});

test('a sealed store is opened by keys, or by a restart', async () => {
  const io = new FakeIo();
  io.server.on('GET x', { status: 503, body: { errors: ['Vault is sealed'] } });
  assert.match(
    (await io.run('read', 'x')).err,
    /\n\n.*"coffer operator unseal", or by a restart .*"coffer operator init"\.\n$/,
  );
});
