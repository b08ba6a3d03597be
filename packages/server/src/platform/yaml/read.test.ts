import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { readYaml } from './read.ts';

const read = (text: string): unknown => readYaml(new TextEncoder().encode(text), 'a.yaml');

test('YAML and JSON are read as plain values', () => {
  assert.deepEqual(read('a: 1\nb: [x, "y"]\n'), { a: 1, b: ['x', 'y'] });
  assert.deepEqual(read('{"a": {"b": null}}'), { a: { b: null } });
  assert.equal(read(''), undefined);
});

const canary = 'canary-7f3a';
const bombs = `a: &a [${canary}]\n${'bcdefgh'.replace(/./g, (name, at) => `${name}: &${name} [${`*${'abcdefgh'[Number(at)]},`.repeat(30)}]\n`)}`;
const faults: readonly (readonly [string, string | Uint8Array])[] = [
  ['a duplicate key', `a: ${canary}\na: 2\n`],
  ['a custom tag', `a: !secret ${canary}\n`],
  ['a second document', `a: ${canary}\n---\nb: 1\n`],
  ['an open quote', `a: "${canary}\n`],
  ['aliases that stand for too much', bombs],
  ['brackets without end', `${canary}: ${'['.repeat(100_000)}`],
  ['an alias to nothing', `a: *${canary}\n`],
  ['bytes that are not UTF-8', new Uint8Array([0x61, 0x3a, 0x20, 0xff])],
];

for (const [name, text] of faults) {
  test(`${name} is a fault that names the file and tells nothing of its text`, () => {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    assert.throws(
      () => readYaml(bytes, 'a.yaml'),
      (error: unknown) => {
        assert.ok(error instanceof CofferError);
        assert.match(error.message, /^a\.yaml/);
        assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, new RegExp(canary));
        return true;
      },
    );
  });
}
