import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Out } from '@coffer/schema/out.ts';
import { Reply } from '@coffer/schema/row.ts';
import { Acl } from './acl.ts';
import { limitedList, pieceLength } from './list-limits.ts';
import { parsePolicy } from './parse.ts';

type Data = { readonly [key: string]: Out } | undefined;

const limited = (body: string, data: Data): Reply | Promise<Reply> => {
  const text = `path "kv/list" { capabilities = ["list"] ${body} } path "kv/list/a" { capabilities = ["read"] }`;
  const acl = new Acl({ policies: [parsePolicy('p', text)], clock: { now: () => 0 } });
  const decision = acl.decide({ path: 'kv/list', capability: 'list' });
  assert.equal(decision.allowed, true);
  return limitedList({ acl, decision, path: 'kv/list', reply: new Reply(data, { warnings: ['w'] }) });
};
const listed = (body: string, data: Data): Reply => {
  const reply = limited(body, data);
  assert.ok(reply instanceof Reply, 'a short list is limited at once');
  return reply;
};
const filter = 'list_scan_response_keys_filter_path = "{{ .path }}{{ .key }}"';

test('without limits the reply is left alone', () => {
  const data = { keys: ['a', 'b'], other: 1 };
  assert.equal(listed('', data).data, data);
  assert.equal(listed(filter, undefined).data, undefined);
});

test('a page holds no more keys than the policy says, and their details alone', () => {
  const reply = listed('pagination_limit = 1', { keys: ['a', 'b'], key_info: { a: 1, b: 2 }, other: 1 });
  assert.deepEqual(reply.data, { keys: ['a'], key_info: new Map([['a', 1]]), other: 1 });
  assert.deepEqual(reply.extras.warnings, ['w']);
});

test('a filtered list shows what the caller may see, and nothing beside the keys', () => {
  const info = new Map([
    ['a', 1],
    ['b', 2],
  ]);
  const reply = listed(filter, { keys: ['a', 'b'], key_info: info, secrets: 'all' });
  assert.deepEqual(reply.data, { keys: ['a'], key_info: new Map([['a', 1]]) });
});

test('a filtered list without keys is refused', () => {
  assert.throws(() => listed(filter, { names: ['a'] }), { code: 'internal' });
  assert.throws(() => listed(filter, { keys: [{ name: 'a' }] }), { code: 'internal' });
  assert.deepEqual(listed('pagination_limit = 1', { names: ['a'] }).data, { names: ['a'] });
});

test('S13: a long list is filtered like a short one, with turns of the event loop in between', async () => {
  const many = Array.from({ length: pieceLength * 3 }, (_, index) => `k${index}`);
  const keys = [...many, 'a', 'z'];
  let turns = 0;
  const count = (): void => {
    if (++turns < 100) setImmediate(count);
  };
  setImmediate(count);
  const reply = await limited(filter, { keys, key_info: new Map(keys.map(key => [key, 1])) });
  assert.ok(turns >= 3 && turns < 100, String(turns));
  assert.deepEqual(reply.data, { keys: ['a'], key_info: new Map([['a', 1]]) });
  assert.equal((limited('pagination_limit = 2', { keys }) as Reply).data !== undefined, true);
});
