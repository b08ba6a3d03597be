import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../run/environment.ts';
import { findOldNode, isOldNode } from './old-node.ts';

test('a Node from 20 to 25 is old, another is not', () => {
  assert.deepEqual(['v20.0.0\n', 'v25.9.1'].map(isOldNode), [true, true]);
  assert.deepEqual(['v26.0.0', 'v18.20.1', 'v200.0.0', '', 'bun 1'].map(isOldNode), [
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('the first old Node in PATH is taken, the own one never', context => {
  const folder = mkdtempSync(path.join(tmpdir(), 'nodes-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const make = (name: string, version: string): string => {
    mkdirSync(path.join(folder, name));
    const program = path.join(folder, name, 'node');
    writeFileSync(program, `#!/bin/sh\necho ${version}\n`);
    chmodSync(program, 0o755);
    return program;
  };
  make('new', 'v26.10.0');
  const old = make('old', 'v22.1.0');
  const own = path.join(root, 'node_modules', '.bin');
  const search = (...names: string[]): string => names.map(name => path.resolve(folder, name)).join(path.delimiter);
  assert.equal(findOldNode(search(own, 'none', 'new', 'old')), old);
  assert.equal(findOldNode(search(own, 'none', 'new')), undefined);
  assert.equal(findOldNode(''), undefined);
});
