/** `audit tail`, `audit search` and what `audit verify` refuses: files as they may be, and nothing told that must not be. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { matches } from '../audit/filter.ts';
import { FakeIo } from '../fake-io.ts';

const hash = `hmac-sha256:${'ab'.repeat(32)}`;

interface Made {
  readonly time?: string;
  readonly type?: string;
  readonly auth?: object;
  readonly request?: object;
  readonly error?: string;
}

const record = ({ time = '2026-01-01T10:00:00.000Z', type = 'response', auth, request, ...more }: Made = {}): string =>
  JSON.stringify({
    time,
    type,
    auth: { client_token: hash, accessor: hash, display_name: 'token', ...auth },
    request: {
      id: 'id-1',
      operation: 'read',
      path: 'secret/data/app',
      data: { password: 'canary-9901' },
      remote_address: '127.0.0.1',
      ...request,
    },
    response: { data: { password: 'canary-9901' } },
    ...more,
    chain: { lane: '0'.repeat(17), sequence: 1 },
  });

const head = `{"time":"2026-01-01T10:00:00.000Z","type":"chain","auth":{},"request":{},"chain":{"version":1,"store":"a","device":"f/","key":1,"lane":"${'0'.repeat(17)}","from":"${'0'.repeat(64)}","sequence":0}}`;

const fileOf = (content: string | Uint8Array): string => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'coffer-show-')), 'audit.log');
  writeFileSync(file, content);
  return file;
};
const fileWith = (...lines: readonly string[]): string => fileOf(lines.map(line => `${line}\n`).join(''));

const some = fileWith(
  head,
  record({ type: 'request' }),
  record(),
  record({
    time: '2026-01-01T11:00:00.000Z',
    request: { id: 'id-2', path: 'secret/data/shop/db', operation: 'update' },
  }),
  record({
    time: '2026-01-01T12:00:00.000Z',
    auth: { display_name: 'ada', entity_id: 'e-7' },
    request: { id: 'id-3' },
    error: 'permission denied',
  }),
  record({
    time: '2026-01-01T13:00:00.000Z',
    auth: { workload: { namespace: 'shop', service_account: 'web', pod: 'web-1', node: 'n1' } },
    request: { id: 'id-4' },
  }),
  '@cee: '.concat(record({ time: '2026-01-01T14:00:00.000Z', request: { id: 'id-5' } })),
);

const ids = async (...args: readonly string[]): Promise<readonly string[]> => {
  const { out } = await new FakeIo().run('audit', 'search', ...args, some);
  return out
    .split('\n')
    .slice(0, -1)
    .map(line => line.split('  ').at(-1) ?? '');
};

test('audit search finds by path, actor, workload, time, request, operation and failure', async () => {
  for (const [args, found] of [
    [[], [1, 2, 3, 4, 5]],
    [['-type=all'], [1, 1, 2, 3, 4, 5]],
    [['-type=request'], [1]],
    [['-path=secret/data/shop/db'], [2]],
    [['-path=secret/*/db'], [2]],
    [['-path=secret/data'], []],
    [['-actor=ada'], [3]],
    [['-actor=e-*'], [3]],
    [[`-actor=${hash}`], [1, 2, 3, 4, 5]],
    [['-workload=shop/web'], [4]],
    [['-workload=web-*'], [4]],
    [['-workload=*'], [4]],
    [['-operation=update'], [2]],
    [['-request-id=id-5'], [5]],
    [['-errors'], [3]],
    [['-since=2026-01-01T12:00:00Z'], [3, 4, 5]],
    [['-until=2026-01-01T11:00:00Z'], [1, 2]],
    [['-since=2026-01-01T11:00:00Z', '-until=2026-01-01T12:30:00+00:00', '-errors'], [3]],
    [['-since=1h'], []],
  ] as const)
    assert.deepEqual(
      await ids(...args),
      found.map(at => `id-${at}`),
      args.join(' '),
    );
});

test('what is found is told as people read it, and as JSON, without any value', async () => {
  const io = new FakeIo();
  const text = (await io.run('audit', 'search', '-errors', some)).out;
  assert.equal(
    text,
    '2026-01-01T12:00:00.000Z  read    secret/data/app  ada e-7  127.0.0.1  error: permission denied  id-3\n',
  );
  const json = (await io.run('audit', 'search', '-workload=*', '-format=json', some)).out;
  const { workload, accessor } = JSON.parse(json);
  assert.deepEqual(workload, { namespace: 'shop', service_account: 'web', pod: 'web-1', node: 'n1' });
  assert.equal(accessor, 'hmac:abababababab');
  const all = (await io.run('audit', 'search', '-type=all', '-format=json', some)).out;
  for (const output of [text, json, all]) assert.doesNotMatch(output, /canary|ab{64}|password|client_token/);
});

test('S12: nothing in a record acts on the terminal or breaks its line', async () => {
  const evil = '\u001b[2J\r\n\u009b31m\u202e\u2028\u200bx\u0007';
  const file = fileWith(
    record({
      auth: { display_name: evil },
      request: { path: evil, id: evil, reason: evil, remote_address: evil },
      error: evil,
    }),
  );
  for (const format of ['table', 'json']) {
    const { out } = await new FakeIo().run('audit', 'search', `-format=${format}`, file);
    assert.equal(out.split('\n').length, 2);
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    assert.doesNotMatch(out.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u200b\u2028\u202e]/);
  }
});

test('lines that are no records stop nothing and are counted', async () => {
  const io = new FakeIo();
  const noise = [
    '',
    'garbage',
    '{"time":"2026-01-01T10:00:00.000Z"',
    '{"time":"2026-01-01T10:00:00.000Z","type":"other"}',
    '[]',
    'null',
    '{"time":7}',
    '{"time":"2026-01-01T10:00:00.000Z","type":"request","auth":7,"request":[]}',
  ];
  const file = fileWith(...noise, record());
  const { code, out, err } = await io.run('audit', 'tail', '-n=100', file);
  assert.equal(code, 0);
  assert.match(out, /id-1\n$/);
  assert.equal(out.split('\n').length, 2);
  assert.match(err, /7 lines are no records/);
  const binary = await io.run('audit', 'search', fileOf(new Uint8Array(100_000).map((_, at) => (at * 7919) % 256)));
  assert.equal(binary.code, 2);
  assert.match(binary.err, /lines? (?:is|are) no record/);
  const torn = await io.run('audit', 'search', fileOf(`${record()}\n${record().slice(0, 60)}`));
  assert.deepEqual([torn.code, torn.err.includes('1 line is no record')], [0, true]);
  const proto = await io.run(
    'audit',
    'search',
    '-actor=*',
    fileWith('{"time":"2026-01-01T10:00:00.000Z","type":"response","auth":{"__proto__":{"display_name":"x"}}}'),
  );
  assert.equal(proto.code, 2);
});

test('what cannot be asked is refused, and what is not there is told', async () => {
  const io = new FakeIo();
  for (const [args, told] of [
    [['search', '-since=yesterday', some], /-since: expected a time such as/],
    [['search', '-until=2026-99-99', some], /-until: expected a time such as/],
    [['search', '-type=none', some], /-type: expected request, response, all/],
    [['search', '-format=yaml', some], /records are shown as table or json/],
    [['search'], /Not enough arguments/],
    [['search', '/nowhere/audit.log'], /\/nowhere\/audit\.log: cannot be read \(no such file or folder\)\n$/],
    [['search', 'secret/data/app'], /cannot be read \(no such file or folder\)\n\nA path of the store is asked for/],
    [['search', 'secret/data/app', some], /\n\nA path of the store is asked for with -path: .*FILE\.\n$/],
    [['tail', '-n=-1', some], /-lines: expected 0 to/],
    [['tail', '-n=x', some], /-lines: expected a whole number/],
    [['tail', some, some], /Too many arguments/],
    [['verify', '-offline', '-checkpoints=x', some], /-checkpoints or -offline, not both/],
    [['verify', '-checkpoints=/nowhere', some], /\/nowhere: no such file/],
    [['verify', '-offline', '/nowhere/audit.log'], /cannot be read \(no such file or folder\)/],
  ] as const) {
    const { code, err } = await io.run('audit', ...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(err, told);
  }
  const none = await io.run('audit', 'search', '-path=nowhere', some);
  assert.deepEqual([none.code, none.out, none.err], [2, '', 'No record matches.\n']);
});

test('a kept copy of the checkpoints that is none is refused', async () => {
  const io = new FakeIo();
  for (const content of ['', '{', '[]', '{"data":null}', '{"data":{"lanes":7}}']) {
    io.files.set('/kept', content);
    const { code, err } = await io.run('audit', 'verify', '-checkpoints=/kept', some);
    assert.equal(code, 1);
    assert.match(err, /\/kept: expected what "coffer read -format=json sys\/audit-chain" prints/);
  }
  io.files.set('/kept', '{"data":{"lanes":[7,{},{"lane":"x"}]}}');
  const { code, out } = await io.run('audit', 'verify', '-checkpoints=/kept', some);
  assert.equal(code, 1);
  assert.match(out, /\nNothing is proven: none of the checkpoints is about these files\.\n$/);
});

test('files without a chain are never called whole, whoever is asked', async () => {
  const stripped = record().replace(/,"chain":\{[^}]*\}/, '');
  assert.ok(!stripped.includes('"chain"'));
  const io = new FakeIo();
  io.files.set('/kept', '{"data":{"lanes":[]}}');
  for (const content of ['', '\n', 'some words\n', `${stripped}\n${stripped}\n`])
    for (const witness of ['-offline', '-checkpoints=/kept']) {
      const { code, out } = await io.run('audit', 'verify', witness, fileOf(content));
      assert.equal(code, 1, content);
      assert.match(out, /(?:^|\n)Nothing is proven: no line belongs to a chain, as those of an audit file do\.\n$/);
      const { out: json } = await io.run('audit', 'verify', witness, '-format=json', fileOf(content));
      assert.equal(JSON.parse(json).whole, false);
    }
});

test('patterns hold where their pieces stand in order', () => {
  for (const [pattern, text, holds] of [
    ['a', 'a', true],
    ['a', 'ab', false],
    ['*', '', true],
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*a', 'a', false],
    ['*b*', 'abc', true],
    ['*b*b', 'abc', false],
    ['a**c', 'abc', true],
    ['', '', true],
    ['', 'a', false],
  ] as const)
    assert.equal(matches(pattern, text), holds, `${pattern} ${text}`);
  assert.equal(matches('a*'.repeat(50), 'a'.repeat(100_000)), true);
});
