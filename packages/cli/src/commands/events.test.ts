import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeIo } from '../fake-io.ts';

const event = (type: string, version?: string, path = 'secret/data/app'): string => {
  const metadata = { path, ...(version === undefined ? {} : { current_version: version }) };
  const json = { time: '2026-01-02T03:04:05.000Z', data: { event: { metadata }, event_type: type } };
  return `id: 5\ndata: ${JSON.stringify(json)}\n\n`;
};
const ended = 'event: closed\ndata: {"code":1008,"reason":"the token is not valid any more"}\n\n';

const told = (path: string, ...parts: readonly string[]): FakeIo => {
  const io = new FakeIo();
  io.server.on(`GET ${path}`, { raw: `id: 1\n\n${parts.join('')}${ended}` });
  return io;
};

test('people get a line for each event, until the stream ends with a reason', async () => {
  const io = told('sys/events/subscribe/*', event('kv-v2/data-write', '3'), event('kv-v1/delete'));
  const { code, out, err } = await io.run('events');
  assert.equal(
    out,
    '2026-01-02T03:04:05.000Z  kv-v2/data-write      secret/data/app  version 3\n' +
      '2026-01-02T03:04:05.000Z  kv-v1/delete          secret/data/app\n',
  );
  assert.equal(code, 2);
  assert.match(err, /^Error following \*: the server ended the stream: the token is not valid any more\n/);
});

test('an event is one line, and a path that somebody chose cannot steer the terminal', async () => {
  const io = told('sys/events/subscribe/*', event('kv-v2/data-write', '1', 'a\u001b[2J\r\n2026 forged\u009b\t\u2028b'));
  const { out } = await io.run('events');
  assert.equal(
    out,
    '2026-01-02T03:04:05.000Z  kv-v2/data-write      a\\x1b[2J\\x0d\\x0a2026 forged\\x9b\\x09\\x2028b  version 1\n',
  );
});

test('programs get the whole event, one on each line', async () => {
  const line = event('kv-v2/data-write').split('data: ')[1]?.trim();
  for (const argv of [
    ['events', '-format=json', 'kv*'],
    ['events', 'subscribe', 'kv*'],
  ]) {
    const { out } = await told('sys/events/subscribe/kv*', event('kv-v2/data-write')).run(...argv);
    assert.equal(out, `${line}\n`);
  }
});

test('filter, namespaces and since are asked for', async () => {
  const path = 'sys/events/subscribe/kv-v2/data-*?filter=a%20%3D%3D%20b&namespaces=x&namespaces=y&since=7';
  const io = told(path, event('kv-v2/data-write'));
  const { out } = await io.run('events', '-filter=a == b', '-namespaces=x,y', '-since=7', 'kv-v2/data-*');
  assert.match(out, /data-write/);
});

test('that events are missing is said beside them, not among them', async () => {
  const gap = 'id: 8\nevent: compacted\ndata: {"revision":"9"}\n\n';
  const { out, err } = await told('sys/events/subscribe/*', gap).run('events');
  assert.equal(out, '');
  assert.match(
    err,
    /^changes before revision 9 are not kept any more: some events are missing, list again what you follow\n/,
  );
});

test('what cannot be done is refused before anything is sent', async () => {
  const cases: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
    [['events', '-format=yaml'], /yaml cannot show a stream: table or json/],
    [['events', '-timeout=soon'], /-timeout: expected a duration such as 30s/],
    [['events', '-timeout=0'], /-timeout: expected a duration such as 30s/],
    [['events', '-wrap-ttl=5m'], /-wrap-ttl has no effect on "coffer events": leave it out/],
    [['events', 'subscribe'], /Not enough arguments/],
    [['events', 'a', 'b'], /Too many arguments/],
  ];
  for (const [argv, message] of cases) {
    const io = new FakeIo();
    const { code, out, err } = await io.run(...argv);
    assert.equal(code, 1, argv.join(' '));
    assert.match(err, message);
    assert.equal(out, '');
    assert.deepEqual(io.server.requests, []);
  }
});
