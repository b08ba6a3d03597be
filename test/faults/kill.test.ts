import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Heard, nothingHeard, startLoad, verify } from './pairs.ts';

/** Two lanes run at a time; each kills its process this often. */
const lanes = 2;
const roundsOfLane = 50;
/** A lane begins a new store after this many rounds, so that first openings are killed too. */
const roundsOfStore = 5;
const openingMs = 250;
const writingMs = 120;
/** Large values fill the write-ahead log in a moment, so that kills meet the moving of it into the file. */
const sizes = [100, 1_000, 1_000, 40_000];

const waitForAnswer = async (heard: Heard, before: number, ended: Promise<unknown>): Promise<void> => {
  const over = ended.then(
    () => true,
    () => true,
  );
  while (heard.acknowledged.size === before && !(await Promise.race([over, pause(2, false)])));
};

/** One process, killed at a random moment: in its opening, or under load. */
const killOnce = async (store: string, heard: Heard, first: number): Promise<number> => {
  const bytes = sizes[randomInt(sizes.length)] ?? 0;
  const before = heard.acknowledged.size;
  const load = startLoad({ store, first, bytes, heard });
  if (randomInt(4) === 0) await pause(randomInt(openingMs));
  else {
    await waitForAnswer(heard, before, load.ended);
    await pause(randomInt(writingMs));
  }
  load.child.kill('SIGKILL');
  assert.equal(await load.ended, 'SIGKILL');
  return verify(store, heard);
};

const runLane = async (folder: string, lane: number): Promise<{ rounds: number; acknowledged: number }> => {
  let acknowledged = 0;
  for (let round = 0; round < roundsOfLane; ) {
    const store = path.join(folder, `${lane}-${round}`, 'store.db');
    const heard = nothingHeard();
    let first = 0;
    for (let i = 0; i < roundsOfStore; i++, round++) first = await killOnce(store, heard, first);
    acknowledged += heard.acknowledged.size;
    rmSync(path.dirname(store), { recursive: true });
  }
  return { rounds: roundsOfLane, acknowledged };
};

test('F1: after each of 100 kills under write load every acknowledged commit is there, and none by half', async context => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-kill-'));
  try {
    const done = await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(folder, lane)));
    const sum = (of: (lane: { rounds: number; acknowledged: number }) => number): number =>
      done.reduce((total, lane) => total + of(lane), 0);
    assert.equal(
      sum(({ rounds }) => rounds),
      100,
    );
    assert.ok(sum(({ acknowledged }) => acknowledged) > 1_000);
    context.diagnostic(`${sum(({ acknowledged }) => acknowledged)} acknowledged commits, none lost`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
