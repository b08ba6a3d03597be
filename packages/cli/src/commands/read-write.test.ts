import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { FakeIo } from '../fake-io.ts';

const big = '8019210420527506405';

test('read shows keys in order, values in the form of the table', async () => {
  const io = new FakeIo();
  io.server.on('GET a', {
    raw: `{"request_id":"r","data":{"zed":null,"list":["a","b"],"map":{"y":1,"x":"z"},"n":${big},"empty":"","yes":true}}`,
  });
  assert.deepEqual(await io.run('read', 'a'), {
    code: 0,
    out: `Key      Value\n---      -----\nempty    n/a\nlist     [a b]\nmap      map[x:z y:1]\nn        ${big}\nyes      true\nzed      <nil>\n`,
    err: '',
  });
});

test('read shows what is answered without an envelope, in the table and by name', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/health', { raw: '{"version":"1","sealed":false,"server_time_utc":17}' });
  assert.deepEqual(await io.run('read', 'sys/health'), {
    code: 0,
    out: 'Key                Value\n---                -----\nsealed             false\nserver_time_utc    17\nversion            1\n',
    err: '',
  });
  assert.equal((await io.run('read', '-field=version', 'sys/health')).out, '1');
  assert.equal(
    (await io.run('read', '-format=json', 'sys/health')).out,
    '{\n  "version": "1",\n  "sealed": false,\n  "server_time_utc": 17\n}\n',
  );
});

test('read in JSON is the whole envelope, two spaces a level, numbers with all digits', async () => {
  const io = new FakeIo();
  io.server.on('GET a', {
    raw: `{"data":{"n":${big}},"lease_id":"","request_id":"r","renewable":false,"lease_duration":0,"warnings":null}`,
  });
  assert.equal(
    (await io.run('read', '-format=json', 'a')).out,
    `{\n  "request_id": "r",\n  "lease_id": "",\n  "lease_duration": 0,\n  "renewable": false,\n  "data": {\n    "n": ${big}\n  },\n  "warnings": null\n}\n`,
  );
});

test('nothing there: a message on standard error in the table, nothing at all in JSON, 2', async () => {
  const io = new FakeIo();
  assert.deepEqual(await io.run('read', 'a/b'), { code: 2, out: '', err: 'No value found at a/b\n' });
  assert.deepEqual(await io.run('read', '-format=json', 'a/b'), { code: 2, out: '', err: '' });
});

test('-field prints the value alone, without a line end; one that is not there is named, 1', async () => {
  const io = new FakeIo();
  io.server.on('GET a', enveloped({ k: 'v', list: ['a', 'b'] }));
  assert.equal((await io.run('read', '-field=k', 'a')).out, 'v');
  assert.equal((await io.run('read', '-field=k', '-format=json', 'a')).out, '"v"\n');
  assert.equal((await io.run('read', '-field=list', 'a')).out, '[a b]');
  assert.deepEqual(await io.run('read', '-field=zz', 'a'), {
    code: 1,
    out: '',
    err: 'Field "zz" not present in secret\n',
  });
});

test('raw is the body as it came', async () => {
  const io = new FakeIo();
  io.server.on('GET a', { raw: '{"data" : {"n":1.50}}' });
  assert.equal((await io.run('read', '-format=raw', 'a')).out, '{"data" : {"n":1.50}}');
});

test('read sends further arguments as query', async () => {
  const io = new FakeIo();
  io.server.on('GET a?version=2&x=1&x=2', enveloped({ k: 'v' }));
  assert.equal((await io.run('read', 'a', 'version=2', 'x=1', 'x=2')).code, 0);
});

test('write sends strings, files, standard input and lists', async () => {
  const io = new FakeIo();
  io.files.set('cert.pem', 'PEM\n');
  io.input = 'from input\n';
  io.server.on('PUT a', {});
  const ended = await io.run('write', 'a', 'k=v=w', 'file=@cert.pem', 'input=-', 'at=\\@x', 'many=1', 'many=2');
  assert.deepEqual(ended, { code: 0, out: 'Success! Data written to: a\n', err: '' });
  assert.deepEqual(
    io.server.requests[0]?.body,
    new Map<string, unknown>([
      ['k', 'v=w'],
      ['file', 'PEM\n'],
      ['input', 'from input\n'],
      ['at', '@x'],
      ['many', ['1', '2']],
    ]),
  );
});

test('write takes a JSON object from a file or standard input, with every digit', async () => {
  const io = new FakeIo();
  io.server.on('PUT a', {});
  io.input = `{"n": ${big}}`;
  assert.equal((await io.run('write', 'a', '-')).code, 0);
  io.files.set('x.json', `{"n": ${big}}`);
  assert.equal((await io.run('write', 'a', '@x.json')).code, 0);
  for (const { body } of io.server.requests) {
    assert.ok(body instanceof Map);
    assert.deepEqual(body.get('n'), new JsonNumber(big));
  }
});

test('data that is missing, no JSON object, not text, or in no file is refused, 1, without its content', async () => {
  const io = new FakeIo();
  io.files.set('bad.json', '{"canary" canary}');
  io.files.set('list.json', '["canary"]');
  for (const args of [
    [],
    ['canary'],
    ['=canary'],
    ['@none'],
    ['@bad.json'],
    ['@list.json'],
    ['a=-', 'b=-'],
    ['k=@none'],
  ]) {
    const ended = await io.run('write', 'a', ...args);
    assert.equal(ended.code, 1, args.join(' '));
    assert.ok(!ended.err.includes('canary'), ended.err);
  }
  assert.equal(io.server.requests.length, 0);
});

test('write shows what the server answers, and sends nothing but {} with -f', async () => {
  const io = new FakeIo();
  io.server.on('PUT a', enveloped({ k: 'v' }));
  assert.match((await io.run('write', '-f', 'a')).out, /^Key {4}Value\n/);
  assert.deepEqual(io.server.requests[0]?.body, new Map());
});

test('success is for people: other formats print nothing', async () => {
  const io = new FakeIo();
  io.server.on('PUT a', {}).on('DELETE a', {});
  assert.equal((await io.run('write', '-format=json', 'a', 'k=v')).out, '');
  assert.equal((await io.run('delete', 'a')).out, 'Success! Data deleted (if it existed) at: a\n');
});

test('list has a title in the table, is a bare array in JSON; empty is {} and 2', async () => {
  const io = new FakeIo();
  io.server.on('GET a/?list=true', enveloped({ keys: ['app/', 'b'] }));
  assert.equal((await io.run('list', 'a')).out, 'Keys\n----\napp/\nb\n');
  assert.equal((await io.run('list', '-format=json', 'a/')).out, '[\n  "app/",\n  "b"\n]\n');
  assert.deepEqual(await io.run('list', '-format=json', 'none'), { code: 2, out: '{}\n', err: '' });
  assert.deepEqual(await io.run('list', 'none'), { code: 2, out: '', err: 'No value found at none\n' });
});

test('a wrapped answer shows its token, and -field finds it', async () => {
  const info = { token: 's.w', accessor: 'acc', ttl: 60, creation_time: '2026-11-21T08:00:00Z', creation_path: 'a' };
  const io = new FakeIo();
  io.server.on('GET a', enveloped(null, { wrap_info: info }));
  const ended = await io.run('read', '-wrap-ttl=60', 'a');
  assert.match(ended.out, /^wrapping_token: {18}s\.w$/m);
  assert.match(ended.out, /^wrapping_token_ttl: +1m$/m);
  assert.equal(io.server.requests[0]?.headers.get('x-vault-wrap-ttl'), '60');
  assert.equal((await io.run('read', '-wrap-ttl=60', '-field=wrapping_token', 'a')).out, 's.w');
});

test('a lease is shown above the data', async () => {
  const io = new FakeIo();
  io.server.on('GET a', enveloped({ k: 'v' }, { lease_duration: 2_764_800 }));
  assert.match((await io.run('read', 'a')).out, /refresh_interval {4}768h\nk {19}v\n$/);
});

test('S12: control characters of a value do not reach the terminal in a table', async () => {
  const io = new FakeIo();
  io.server.on('GET a', enveloped({ k: '\u001b[2Jx\u009b' }));
  assert.match((await io.run('read', 'a')).out, /k {6}\\x1b\[2Jx\\x9b\n$/);
});

test('path-help prints the help text', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/mounts?help=1', { body: { help: 'Mounts.\n', see_also: '' } });
  assert.equal((await io.run('path-help', 'sys/mounts')).out, 'Mounts.\n');
});

test('unwrap sends the token in the body where there is one of its own, as the token where there is none', async () => {
  const io = new FakeIo();
  io.server.on('PUT sys/wrapping/unwrap', enveloped({ k: 'v' }));
  await io.run('unwrap', 's.w');
  assert.equal(io.server.requests[0]?.headers.get('x-vault-token'), 's.w');
  io.env.set('COFFER_TOKEN', 's.own');
  await io.run('unwrap', 's.w');
  assert.deepEqual(io.server.requests[1]?.body, new Map([['token', 's.w']]));
  assert.equal(io.server.requests[1]?.headers.get('x-vault-token'), 's.own');
});

test('-output-curl-string and -output-policy send nothing and never show the token', async () => {
  const io = new FakeIo();
  io.env.set('COFFER_TOKEN', 's.canary');
  assert.equal(
    (await io.run('read', '-output-curl-string', 'a/b')).out,
    'curl -H "X-Vault-Request: true" -H "X-Vault-Token: $(coffer print token)" "http://coffer.test/v1/a/b"\n',
  );
  assert.equal(
    (await io.run('write', '-output-curl-string', 'a', "k=it's")).out,
    `curl -X PUT -H "X-Vault-Request: true" -H "X-Vault-Token: $(coffer print token)" -d '{"k":"it'\\''s"}' "http://coffer.test/v1/a"\n`,
  );
  const policies: [string[], string][] = [
    [['read', 'a'], '"read"'],
    [['list', 'a'], '"list"'],
    [['write', 'a', 'k=v'], '"create", "update"'],
    [['patch', 'a', 'k=v'], '"patch"'],
    [['delete', 'sys/audit/file'], '"delete", "sudo"'],
  ];
  for (const [argv, capabilities] of policies) {
    const { out } = await io.run(...argv, '-output-policy');
    assert.ok(out.includes(`capabilities = [${capabilities}]`), out);
  }
  assert.equal(io.server.requests.length, 0);
});

test('yaml keeps integers above 2^53, and -field works in it', async () => {
  const io = new FakeIo();
  io.server.on('GET a', { raw: `{"data":{"n":${big}}}` });
  assert.equal((await io.run('read', '-format=yaml', 'a')).out, `yaml {"data":{"n":"${big}n"}}\n`);
  assert.equal((await io.run('read', '-format=yaml', '-field=n', 'a')).out, `yaml "${big}n"\n`);
});
