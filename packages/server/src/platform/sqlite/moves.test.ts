import assert from 'node:assert/strict';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Failure } from './failure.ts';
import { Moves } from './moves.ts';
import { openForWriting } from './schema.ts';

const fileIn = (name: string): string => path.join(mkdtempSync(path.join(tmpdir(), 'coffer-moves-')), name);

/** Hands out what each move came to, in order. */
const movesOf = (file: string) => {
  const waiting: ((failure: Failure | undefined) => void)[] = [];
  const moves = new Moves(file, failure => waiting.shift()?.(failure));
  const move = (): Promise<Failure | undefined> =>
    new Promise(resolve => {
      waiting.push(resolve);
      moves.move();
    });
  return { move, close: () => moves.close() };
};

const logged = (db: DatabaseSync): unknown => {
  const row = db.prepare('PRAGMA wal_checkpoint(NOOP)').get();
  return [Number(row?.['log']) > 0, row?.['log'] === row?.['checkpointed']];
};

test('what is in the log comes into the file while its writer holds it open', async () => {
  const file = fileIn('store.db');
  const db = openForWriting(file);
  const { move, close } = movesOf(file);
  for (let round = 1; round <= 3; round++) {
    db.exec(`INSERT INTO records (key, revision, value) VALUES (x'0${round}', ${round}, zeroblob(100000))`);
    assert.deepEqual(logged(db), [true, false]);
    assert.equal(await move(), undefined);
    assert.deepEqual(logged(db), [true, true]);
    assert.ok(statSync(file).size > round * 100_000);
  }
  await close();
  db.close();
});

test('what cannot be moved says why, and the next move tries again', async () => {
  const file = fileIn('store.db');
  writeFileSync(file, 'no database at all, and long enough to be looked at'.repeat(100));
  const { move, close } = movesOf(file);
  for (let round = 0; round < 2; round++) assert.equal((await move())?.code, 'data_corrupt');
  await close();
});

test('a file that is not there is a failure, not an end', async () => {
  const { move, close } = movesOf(path.join(fileIn('none'), 'store.db'));
  for (let round = 0; round < 2; round++) assert.notEqual(await move(), undefined);
  await close();
});

test('one that never moved has nothing to close', async () => {
  await movesOf('/nowhere/store.db').close();
});
