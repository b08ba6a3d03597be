import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { InPlace, restFirstMs, restLongestMs, slowMs } from './in-place.ts';

const turned = () => {
  const state = { nowMs: 1000 };
  const clock = { now: () => state.nowMs, monotonic: () => state.nowMs, after: () => () => {} };
  return { state, inPlace: new InPlace(clock) };
};

const inFolder = async (run: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-in-place-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test(
  'a file of a local disk is written to in place, once it was looked at',
  { skip: process.platform !== 'linux' },
  () =>
    inFolder(async folder => {
      const { inPlace } = turned();
      assert.equal(inPlace.isDue, false);
      const file = path.join(folder, 'audit.log');
      const handle = await open(file, 'a');
      await inPlace.look(handle, file);
      assert.equal(inPlace.isDue, true);
      await handle.close();
    }),
);

test('a pipe, a file of a system that is not known to be local, and what is gone are not', () =>
  inFolder(async folder => {
    const { inPlace } = turned();
    const pipe = path.join(folder, 'pipe');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    for (const name of [pipe, '/proc/self/status']) {
      const handle = await open(name, constants.O_RDONLY | constants.O_NONBLOCK);
      await inPlace.look(handle, name);
      assert.equal(inPlace.isDue, false, name);
      await handle.close();
    }
    const handle = await open(path.join(folder, 'gone'), 'a');
    await inPlace.look(handle, path.join(folder, 'elsewhere'));
    assert.equal(inPlace.isDue, false);
    await handle.close();
  }));

test(
  'a write that was slow leaves the next second to other threads, whether it failed or not',
  {
    skip: process.platform !== 'linux',
  },
  () =>
    inFolder(async folder => {
      const { state, inPlace } = turned();
      const handle = await open(path.join(folder, 'audit.log'), 'a');
      await inPlace.look(handle, folder);
      const slow = (byMs: number): number => inPlace.run(() => (state.nowMs += byMs));
      slow(slowMs - 1);
      assert.equal(inPlace.isDue, true);
      slow(slowMs);
      assert.equal(inPlace.isDue, false);
      state.nowMs += restFirstMs;
      assert.equal(inPlace.isDue, true);
      const failing = (): number =>
        inPlace.run(() => {
          state.nowMs += slowMs;
          throw new Error('no space');
        });
      assert.throws(failing, /no space/);
      assert.equal(inPlace.isDue, false);
      await handle.close();
    }),
);

test(
  'a disk that is slow again and again is left to other threads for longer',
  { skip: process.platform !== 'linux' },
  () =>
    inFolder(async folder => {
      const { state, inPlace } = turned();
      const handle = await open(path.join(folder, 'audit.log'), 'a');
      await inPlace.look(handle, folder);
      const rest = (): number => {
        inPlace.run(() => (state.nowMs += slowMs));
        const fromMs = state.nowMs;
        while (!inPlace.isDue) state.nowMs += restFirstMs;
        return state.nowMs - fromMs;
      };
      for (const longer of [1, 2, 4, 8, 16, 32, 60, 60]) assert.equal(rest(), longer * restFirstMs);
      state.nowMs += restLongestMs - 1;
      assert.equal(rest(), restLongestMs);
      state.nowMs += restLongestMs;
      assert.equal(rest(), restFirstMs);
      await handle.close();
    }),
);
