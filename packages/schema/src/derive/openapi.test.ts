import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeJson } from '../json/write.ts';
import { sample } from './fixture/rows.ts';
import { genericMount, openApi } from './openapi.ts';

interface Doc {
  openapi: string;
  paths: { [path: string]: { [member: string]: unknown } };
}

const info = { title: 'Coffer', version: '1', description: 'Test' };
const docOf = (mountPath: string): Doc =>
  JSON.parse(new TextDecoder().decode(writeJson(openApi(info, [{ ...sample, mountPath }])))) as Doc;
const doc = docOf('lock/');
const at = (path: string): Doc['paths'][string] => doc.paths[path] ?? assert.fail(`no ${path}`);
const operation = (path: string, method: string): { [member: string]: unknown } =>
  at(path)[method] as { [member: string]: unknown };

test('every path is there once, in order, optional parts with and without', () => {
  assert.equal(doc.openapi, '3.0.2');
  assert.deepEqual(Object.keys(doc.paths), [
    '/lock',
    '/lock/ca/pem',
    '/lock/data/{path}',
    '/lock/health',
    '/lock/keys',
    '/lock/keys/{name}',
    '/lock/random',
    '/lock/random/{bytes}',
  ]);
});

test('a path says whether it needs sudo, needs no token, can create', () => {
  const flags = (path: string): unknown[] =>
    ['x-vault-sudo', 'x-vault-unauthenticated', 'x-vault-create-supported'].map(name => at(path)[name]);
  assert.deepEqual(flags('/lock/keys/{name}'), [true, undefined, true]);
  assert.deepEqual(flags('/lock/health'), [undefined, true, undefined]);
  assert.deepEqual(flags('/lock/random'), [undefined, undefined, undefined]);
});

test('every parameter of a path is declared, and every operation has a name of its own', () => {
  const ids = new Set<unknown>();
  let operations = 0;
  for (const [path, item] of Object.entries(doc.paths)) {
    const declared = ((item['parameters'] ?? []) as { name: string; in: string }[]).map(({ name }) => name);
    assert.deepEqual(
      declared,
      [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]),
    );
    for (const method of ['get', 'post', 'patch', 'delete']) {
      if (item[method] === undefined) continue;
      operations += 1;
      ids.add((item[method] as { operationId: string }).operationId);
      assert.notEqual((item[method] as { responses?: unknown }).responses, undefined);
    }
  }
  assert.equal(ids.size, operations);
});

test('a write has its fields in the body, without those of the path', () => {
  assert.deepEqual(operation('/lock/keys/{name}', 'post')['requestBody'], {
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['type'],
          properties: {
            type: { type: 'string', enum: ['aes', 'rsa'], description: 'Its type' },
            bits: { type: 'integer', description: 'Its length', default: 256 },
            pin: { type: 'string', format: 'password', description: 'Protects it' },
            tags: { type: 'array', items: { type: 'string' }, description: 'Any | words', default: ['a'] },
            old: { type: 'boolean', description: 'Not used', deprecated: true },
          },
        },
      },
    },
  });
  const patched = operation('/lock/data/{path}', 'patch')['requestBody'] as { content: object };
  assert.deepEqual(Object.keys(patched.content), ['application/merge-patch+json']);
});

test('listing stands under GET with a query parameter', () => {
  const { parameters } = operation('/lock/keys', 'get') as { parameters: { name: string }[] };
  assert.deepEqual(
    parameters.map(({ name }) => name),
    ['after', 'list', 'scan'],
  );
});

test('answers are described as they come: in the envelope, bare, or not at all', () => {
  const schema = (path: string): unknown =>
    (operation(path, 'get')['responses'] as { [status: string]: { content?: { [type: string]: { schema: object } } } })[
      '200'
    ]?.content?.['application/json']?.schema;
  assert.deepEqual(schema('/lock/health'), {
    type: 'object',
    properties: { ok: { type: 'boolean', description: 'Is it well' } },
  });
  const enveloped = schema('/lock') as {
    properties: { data: { properties: object }; version: unknown; request_id: unknown };
  };
  assert.ok('version' in enveloped.properties.data.properties);
  assert.ok('version' in enveloped.properties && 'request_id' in enveloped.properties);
  assert.equal(schema('/lock/ca/pem'), undefined);
  assert.deepEqual(Object.keys(operation('/lock/keys/{name}', 'delete')['responses'] as object), ['204']);
});

test('a mount whose place is not known stands as a parameter', () => {
  assert.equal(genericMount('kv-v2'), ':kv_v2_mount_path/');
  const generic = docOf(genericMount('lock'));
  assert.ok('/{lock_mount_path}/keys/{name}' in generic.paths);
  const parameters = generic.paths['/{lock_mount_path}/keys/{name}']?.['parameters'] as { name: string }[];
  assert.deepEqual(
    parameters.map(({ name }) => name),
    ['lock_mount_path', 'name'],
  );
});
