import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { manifestFiles } from './manifest-files.ts';

const content = new Uint8Array([1]);

test('a folder that cannot be made is named with the reason, and nothing hangs', async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'coffer-')), 'file');
  writeFileSync(file, '');
  await assert.rejects(
    manifestFiles.place(path.join(file, 'below'), ['ns', 'a.yaml'], content),
    /a part of its path is not a folder/,
  );
  await assert.rejects(manifestFiles.place(file, ['ns', 'a.yaml'], content), /cannot be (?:made|written)|not a folder/);
  if (process.platform === 'linux')
    await assert.rejects(
      manifestFiles.place('/proc/nope/deep', ['ns', 'a.yaml'], content),
      /\/proc\/nope: cannot be made/,
    );
});
