import assert from 'node:assert/strict';
import { test } from 'node:test';
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import { mergeUsed, operationOf, usedIn } from './used.ts';

const { read, write, list } = rowsFor<unknown>();
const path = t.path('Path');
const nothing = (): undefined => undefined;
const at = (peerMount: string, rows: readonly ReturnType<typeof read>[]) => ({
  mountPath: peerMount,
  peerMount,
  engineType: 'x',
  rows,
});
const served = [
  at('sys/', [
    read('mounts', { summary: 'List' }, nothing),
    read('mounts/:path*', { summary: 'Read', in: { path } }, nothing),
    read('mounts/:path*/tune', { summary: 'Read', in: { path } }, nothing),
    write(
      'tools/random/:bytes?',
      { summary: 'Random', in: { bytes: t.natural('Bytes') }, aliases: ['random/:bytes?'] },
      nothing,
    ),
  ]),
  at('kv-v2/', [
    read('data/:path*', { summary: 'Read', in: { path } }, nothing),
    list('metadata/:path*?', { summary: 'List', in: { path } }, nothing),
  ]),
  at('kv-v1/', [read(':path*', { summary: 'Read', in: { path } }, nothing)]),
];
const key = (verb: string, asked: string, mount?: string): string | undefined =>
  operationOf(served, { test: 'a', verb, path: asked, mount });

test('what was used is the path of the row that answers there', () => {
  assert.equal(key('read', 'sys/mounts'), 'read /sys/mounts');
  assert.equal(key('read', 'sys/mounts/team/kv'), 'read /sys/mounts/{}');
  assert.equal(key('read', 'sys/mounts/team/kv/tune'), 'read /sys/mounts/{}/tune');
  assert.equal(key('write', 'sys/tools/random'), 'write /sys/tools/random');
  assert.equal(key('write', 'sys/tools/random/5'), 'write /sys/tools/random/{}');
  assert.equal(key('write', 'sys/random/5'), 'write /sys/random/{}');
});

test('a mount of kv is known by the first part of the path', () => {
  assert.equal(key('read', 'secret/data/a/b'), 'read /kv-v2/data/{}');
  assert.equal(key('list', 'secret/metadata/'), 'list /kv-v2/metadata');
  assert.equal(key('read', 'old/a/b'), 'read /kv-v1/{}');
  assert.equal(key('read', 'team/kv/data/a', 'team/kv/'), 'read /kv-v2/data/{}');
});

test('what no row answers is nothing', () => {
  assert.equal(key('write', 'auth/team/data/a'), undefined);
  assert.equal(key('read', 'auth/team/x'), undefined);
  assert.equal(key('read', 'sys/other'), undefined);
  assert.equal(key('patch', 'sys/mounts'), undefined);
  const used = usedIn(served, [{ test: 'a', verb: 'read', path: 'sys/other' }]);
  assert.deepEqual(used, { tests: new Map(), refusals: new Map() });
});

const none = new Map<string, readonly string[]>();
const noted = (...names: readonly string[]) => names.map(name => ({ test: name, verb: 'read', path: 'sys/mounts' }));

test('notes of several tests come together, a few names for each operation', () => {
  const before = {
    tests: new Map([
      ['read /sys/mounts', ['a']],
      ['read /x', ['z']],
    ]),
    refusals: none,
  };
  const merged = mergeUsed(before, usedIn(served, noted('d', 'b', 'b', 'c', 'e')));
  assert.deepEqual(
    merged.tests,
    new Map([
      ['read /sys/mounts', ['a', 'b', 'c']],
      ['read /x', ['z']],
    ]),
  );
});

test('what was refused by design is no success', () => {
  const [refused] = noted('x.test.ts: y');
  const used = usedIn(served, [{ ...refused, test: 'x.test.ts: y', verb: 'read', path: 'sys/mounts', refused: true }]);
  assert.deepEqual(used, { tests: none, refusals: new Map([['read /sys/mounts', ['x.test.ts: y']]]) });
});

test('of a file that ran anew only what it used now counts', () => {
  const before = {
    tests: new Map([
      ['read /x', ['x.test.ts: old', 'y.test.ts: stays']],
      ['read /y', ['x.test.ts: old']],
    ]),
    refusals: new Map([['read /sys/mounts', ['x.test.ts: was refused']]]),
  };
  const merged = mergeUsed(before, usedIn(served, noted('x.test.ts: now')));
  assert.deepEqual(merged, {
    tests: new Map([
      ['read /x', ['y.test.ts: stays']],
      ['read /sys/mounts', ['x.test.ts: now']],
    ]),
    refusals: none,
  });
});
