import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { holdLock } from './lock.ts';

const fileFor = (context: TestContext): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lock-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return path.join(folder, 'lock');
};

test('one holds it, the next gets it once it is given back', async context => {
  const file = fileFor(context);
  const release = await holdLock(file, 0);
  let second = false;
  const waiting = holdLock(file, 60_000).then(releaseSecond => {
    second = true;
    releaseSecond();
  });
  assert.equal(second, false);
  release();
  await waiting;
  assert.equal(existsSync(file), false);
});

test('whoever holds it too long is named', async context => {
  const file = fileFor(context);
  await holdLock(file, 0);
  await assert.rejects(holdLock(file, 0), new RegExp(`process ${process.pid} holds .*lock: end it or remove the file`));
});

test('the lock of a process that is gone counts as released', async context => {
  const file = fileFor(context);
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(file, String(pid));
  (await holdLock(file, 0))();
  assert.equal(existsSync(file), false);
});
