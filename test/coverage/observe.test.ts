import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usedBy } from './observe.ts';

test('a call is the operation it asked for', () => {
  const used = (method: string, target: string): unknown => usedBy({ method, target, status: 200 });
  assert.deepEqual(used('GET', '/v1/sys/mounts'), { verb: 'read', path: 'sys/mounts' });
  assert.deepEqual(used('GET', '/v1/secret/metadata/a%20b/?list=true'), { verb: 'list', path: 'secret/metadata/a b/' });
  assert.deepEqual(used('LIST', '/v1/auth/token/accessors'), { verb: 'list', path: 'auth/token/accessors' });
  assert.deepEqual(used('PUT', '/v1/a/b'), { verb: 'write', path: 'a/b' });
});

test('what was refused, or is no operation, is none', () => {
  assert.equal(usedBy({ method: 'GET', target: '/v1/sys/mounts', status: 403 }), undefined);
  assert.equal(usedBy({ method: 'GET', target: '/ui/', status: 200 }), undefined);
  assert.equal(usedBy({ method: 'GET', target: '/v1/sys/mounts?help=1', status: 200 }), undefined);
  assert.equal(usedBy({ method: 'OPTIONS', target: '/v1/sys/mounts', status: 200 }), undefined);
});
