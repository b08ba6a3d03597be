import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { FakeIo } from '../fake-io.ts';

const head = 'WARNING! The following warnings were returned from the server:\n\n';
const long =
  "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv get' for this operation.";
const told =
  `${head}  * Invalid path for a versioned K/V secrets engine. See the API docs for the\n` +
  "  appropriate API endpoints to use. If using the Vault CLI, use 'vault kv get'\n  for this operation.\n\n";
const elsewhere = { ...enveloped(null, { warnings: [long] }), status: 404 };

const withElsewhere = (): FakeIo => {
  const io = new FakeIo();
  io.env.set('COFFER_TOKEN', 'some-token');
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) io.server.on(`${method} secret/a`, elsewhere);
  io.server.on('GET secret/a/?list=true', elsewhere);
  return io;
};

test('warnings of the server go to standard error, each an item, none beside the envelope that holds them', async () => {
  const io = new FakeIo();
  io.server.on('GET a', enveloped({ k: 'v' }, { warnings: ['old', 'slow'] }));
  const both = `${head}  * old\n\n  * slow\n\n`;
  for (const how of ['-format=table', '-format=pretty', '-field=k']) {
    const ended = await io.run('read', how, 'a');
    assert.equal(ended.err, both, how);
    assert.ok(!ended.out.includes('old'), how);
  }
  for (const how of ['-format=json', '-format=yaml', '-format=raw']) {
    const ended = await io.run('read', how, 'a');
    assert.equal(ended.err, '', how);
    assert.match(ended.out, /old/, how);
  }
});

test('read of a path that a versioned mount does not have: the warning, nothing found, 2', async () => {
  assert.deepEqual(await withElsewhere().run('read', 'secret/a'), {
    code: 2,
    out: '',
    err: `${told}No value found at secret/a\n`,
  });
  const json = await withElsewhere().run('read', '-format=json', 'secret/a');
  assert.deepEqual([json.code, json.err], [2, '']);
  assert.match(json.out, /"warnings": \[\n {4}"Invalid path/);
  const field = await withElsewhere().run('read', '-field=k', 'secret/a');
  assert.deepEqual(field, { code: 2, out: '', err: `${told}No value found at secret/a\n` });
});

test('list, delete, write and patch there warn as well, in every format', async () => {
  const runs: readonly (readonly [string, ...string[]])[] = [
    ['list'],
    ['delete'],
    ['write', '-force'],
    ['patch', '-force'],
  ];
  for (const format of ['table', 'json', 'yaml']) {
    for (const words of runs) {
      const ended = await withElsewhere().run(...words, 'secret/a', `-format=${format}`);
      assert.equal(ended.code, 2, words[0]);
      assert.ok(ended.err.includes(told), `${words[0]} ${format}: ${ended.err}`);
    }
  }
});

test('a warning beside an answer that formats for programs do not show is told all the same', async () => {
  const io = new FakeIo();
  io.server.on('GET a/?list=true', enveloped({ keys: ['k'] }, { warnings: ['old'] }));
  const ended = await io.run('list', '-format=json', 'a');
  assert.deepEqual(ended, { code: 0, out: '[\n  "k"\n]\n', err: `${head}  * old\n\n` });
});

test('S12: a warning does not steer the terminal', async () => {
  const io = new FakeIo();
  io.server.on('GET a', enveloped({ k: 'v' }, { warnings: ['\u001b[2Jx'] }));
  assert.equal((await io.run('read', 'a')).err, `${head}  * \\x1b[2Jx\n\n`);
});
