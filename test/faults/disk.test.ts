import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { cCompiler } from '../counterparts/c-compiler.ts';
import { need } from '../counterparts/counterpart.ts';
import { fatalExitCode, type Heard, type Load, nothingHeard, startLoad, verify } from './pairs.ts';
import { Disk } from './shim.ts';

const compiler = need(cCompiler);
const skip = compiler.skip;
const waitLimitMs = 30_000;
const tornRounds = 5;

interface Bed {
  readonly disk: Disk;
  readonly store: string;
  readonly heard: Heard;
  start(first?: number): Load;
  until(condition: () => boolean): Promise<void>;
}

/** How the process ended; a process that goes on fails the test. */
const endOf = async (load: Load): Promise<number | string> => {
  const timer = setTimeout(() => load.child.kill('SIGABRT'), waitLimitMs);
  const end = await load.ended;
  clearTimeout(timer);
  return end;
};

const bed = (context: TestContext): Bed => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-disk-'));
  const disk = new Disk(compiler.path, folder, 'data/store.db');
  const store = path.join(folder, 'data', 'store.db');
  const heard = nothingHeard();
  let running: Load | undefined;
  context.after(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended.catch(() => {});
    disk.close();
    rmSync(folder, { recursive: true });
  });
  const start = (first = 0): Load => (running = startLoad({ store, first, bytes: 1_000, heard, env: disk.env }));
  const until = async (condition: () => boolean): Promise<void> => {
    const endMs = performance.now() + waitLimitMs;
    while (!condition()) {
      assert.ok(performance.now() < endMs, 'what was waited for did not come');
      assert.equal(running?.child.exitCode, null, 'the process ended');
      await pause(2);
    }
  };
  return { disk, store, heard, start, until };
};

test('F1: a full disk refuses clearly, loses nothing, and writes go on when there is space again', {
  skip,
}, async context => {
  const { disk, store, heard, start, until } = bed(context);
  const load = start();
  for (let round = 1; round <= 3; round++) {
    const before = heard.acknowledged.size;
    await until(() => heard.acknowledged.size > before + 200);
    disk.failWrites('ENOSPC');
    const refused = heard.refused.size;
    await until(() => heard.refused.size > refused + 40);
    disk.failWrites('none');
  }
  const before = heard.acknowledged.size;
  await until(() => heard.acknowledged.size > before + 200);
  load.child.kill('SIGKILL');
  await load.ended;
  assert.ok(disk.failed() > 0);
  assert.deepEqual([...new Set(heard.refused.values())], ['storage_full']);
  assert.deepEqual(heard.fatal, []);
  await verify(store, heard);
});

for (const call of ['fsync', 'write'] as const) {
  test(`F1: EIO from ${call} ends the process, and nothing acknowledged is lost`, { skip }, async context => {
    const { disk, store, heard, start, until } = bed(context);
    const load = start();
    await until(() => heard.acknowledged.size > 300);
    if (call === 'fsync') disk.failSyncs('EIO');
    else disk.failWrites('EIO');
    assert.equal(await endOf(load), fatalExitCode);
    assert.deepEqual(heard.fatal, ['storage_failed']);
    assert.ok(disk.failed() > 0);
    // What was refused at the end may or may not have reached the disk: it was told as failed, not as absent.
    heard.refused.clear();
    await verify(store, heard);
  });
}

test('F1: a write torn by the end of the process loses nothing acknowledged', { skip }, async context => {
  const { disk, store, heard, start, until } = bed(context);
  let first = 0;
  for (let round = 0; round < tornRounds; round++) {
    const before = heard.acknowledged.size;
    const load = start(first);
    await until(() => heard.acknowledged.size > before + randomInt(200));
    disk.tearNextWrite();
    assert.equal(await endOf(load), 'SIGKILL');
    disk.mendWrites();
    first = await verify(store, heard);
  }
});
