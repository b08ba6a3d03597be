import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import type { Storage, StorageLife } from '../../contracts/storage.ts';
import { realClock } from '../clock/real.ts';
import { openSqliteStore } from './store.ts';

const quiet: Log = { write: () => {}, with: () => quiet };
const open = (path: string): Promise<Storage & StorageLife> =>
  openSqliteStore({ path, clock: realClock(), log: quiet, fatal: error => assert.fail(error) });

const refused = async (opening: Promise<unknown>, code: string, words: RegExp): Promise<void> => {
  const error = await opening.then(
    store => (store as StorageLife | undefined)?.close(),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CofferError, `not refused: ${String(error)}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
};

let commits = 0;
/** Bytes that were there before are not written again: a value is another one each time. */
const fill = async (store: Storage, count: number, bytes: number): Promise<void> => {
  const value = crypto.getRandomValues(new Uint8Array(bytes));
  const put = (i: number) =>
    store.commit({ id: (++commits).toString(16).padStart(32, '0'), writes: [{ key: `key/${i}`, value }] });
  await Promise.all(Array.from({ length: count }, (_, i) => put(i)));
};

const inPlace = (name: string, body: (path: string, folder: string) => Promise<void>): void => {
  test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coffer-sqlite-'));
    try {
      await body(join(folder, 'data', 'store.db'), folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
};

/** A store with a few hundred records, closed. */
const made = async (path: string): Promise<void> => {
  const store = await open(path);
  await fill(store, 300, 1_000);
  await store.close();
};

inPlace('files and directory belong to their owner alone, and a closed store leaves no log behind', async path => {
  const store = await open(path);
  await fill(store, 1, 10);
  const folder = join(path, '..');
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const names = readdirSync(folder);
  assert.ok(names.includes('store.db-wal'));
  for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  await store.close();
  assert.deepEqual(readdirSync(folder).toSorted(), ['store.db', 'store.db.lock']);
});

inPlace('a second process, or a second store in this one, is refused and told which file is locked', async path => {
  const store = await open(path);
  await refused(open(path), 'storage_failed', /store\.db is locked by another process/);
  await store.close();
  const holder = new DatabaseSync(`${path}.lock`);
  holder.exec('BEGIN EXCLUSIVE');
  await refused(open(path), 'storage_failed', /store\.db is locked by another process/);
  holder.close();
  await (await open(path)).close();
});

inPlace('F1: a truncated store is refused as damaged', async path => {
  await made(path);
  const whole = statSync(path).size;
  for (const bytes of [whole - 1, whole - 4_096, whole / 2, 4_096, 4_095, 100]) {
    truncateSync(path, Math.floor(bytes));
    await refused(open(path), 'data_corrupt', /store\.db is damaged/);
  }
});

inPlace(
  'F1: a store that was emptied or removed is not taken for a new one, until its lock file goes too',
  async path => {
    await (await open(path)).close();
    await (await open(path)).close();
    await made(path);
    for (const lose of [() => truncateSync(path, 0), () => rmSync(path), () => rmSync(path)]) {
      lose();
      for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
      await refused(open(path), 'data_corrupt', /is empty, but there was one here: put its file back/);
    }
    rmSync(`${path}.lock`);
    await (await open(path)).close();
  },
);

inPlace('F1: a store of before the mark is marked when it is opened', async path => {
  await made(path);
  rmSync(`${path}.lock`);
  await (await open(path)).close();
  truncateSync(path, 0);
  await refused(open(path), 'data_corrupt', /there was one here/);
});

inPlace('a damaged page is told as damage when it is read, not as a missing key', async path => {
  await made(path);
  const bytes = readFileSync(path);
  bytes.fill(0xff, 4_096);
  writeFileSync(path, bytes);
  const read = async (): Promise<void> => {
    const store = await open(path);
    try {
      await store.get('key/1');
    } finally {
      await store.close();
    }
  };
  await refused(read(), 'data_corrupt', /store\.db is damaged/);
});

inPlace('a file that is no database, or a database that is no store, is refused and left as it is', async path => {
  await made(path);
  writeFileSync(path, 'x'.repeat(10_000));
  await refused(open(path), 'data_corrupt', /is damaged, or is not a store/);
  assert.equal(readFileSync(path, 'utf8'), 'x'.repeat(10_000));
  rmSync(path);
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE people (name TEXT)');
  other.close();
  const before = readFileSync(path);
  await refused(open(path), 'data_corrupt', /a SQLite database, but not a store/);
  assert.ok(before.equals(readFileSync(path)));
});

inPlace('a store of a newer format is refused, and left as it is', async path => {
  await made(path);
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 2; PRAGMA journal_mode = DELETE');
  db.close();
  const before = readFileSync(path);
  await refused(open(path), 'data_corrupt', /has format 2; this version reads up to 1/);
  assert.ok(before.equals(readFileSync(path)));
});

inPlace('a place that cannot be a store is named with the reason', async (_, folder) => {
  writeFileSync(join(folder, 'file'), '');
  await refused(
    open(join(folder, 'file', 'store.db')),
    'storage_failed',
    /file\/store\.db cannot be opened.*\((ENOTDIR|EEXIST)\)/,
  );
  await refused(open(folder), 'storage_failed', /cannot be opened for writing \(EISDIR\)/);
});

const asNobody = process.getuid?.() === 0 ? false : 'only root can become another user';

test('what a copy that died left is removed at the next opening; copies that people made beside the store are not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-spool-'));
  const path = join(folder, 'store.db');
  const kept = ['store.db.copy-1', 'store.db.copy-before-upgrade', 'store.db.copy-1.tmp.old', 'my-store.db.copy-1.tmp'];
  for (const name of [...kept, 'store.db.copy-1.tmp', 'store.db.copy-22.tmp']) writeFileSync(join(folder, name), name);
  await (await open(path)).close();
  assert.deepEqual(
    readdirSync(folder).filter(name => name.includes('copy-')),
    kept.toSorted(),
  );
});

test('a directory that may not be written is named', { skip: asNobody }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-sqlite-'));
  chmodSync(folder, 0o755);
  const script = `
    process.setuid(65534);
    const { openSqliteStore } = await import(${JSON.stringify(join(import.meta.dirname, 'store.ts'))});
    await openSqliteStore({ path: ${JSON.stringify(join(folder, 'store.db'))} }).catch(error => console.log(error.code, error.message));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.match(said, /^storage_failed The store .*store\.db cannot be opened for writing \(EACCES\)/);
});

inPlace('the write-ahead log stays bounded under load, and the change log is compacted', async path => {
  const store = await openSqliteStore({
    path,
    clock: realClock(),
    log: quiet,
    fatal: error => assert.fail(error),
    historyLimit: 100,
  });
  for (let round = 0; round < 150; round++) await fill(store, 100, 10_000);
  assert.ok(statSync(`${path}-wal`).size < 80_000_000, `${statSync(`${path}-wal`).size} bytes`);
  await store.close();
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare('SELECT sum(count) AS held FROM changes').get();
  db.close();
  assert.ok(Number(row?.['held']) <= 400, `${String(row?.['held'])} changes`);
});

inPlace('commits that wait when the store closes are still made and answered', async path => {
  const store = await open(path);
  const filled = fill(store, 5_000, 100);
  await store.close();
  await filled;
  const again = await open(path);
  assert.equal(await again.head(), 5_000);
  assert.equal((await again.range('key/', { values: false })).length, 5_000);
  await again.close();
});
