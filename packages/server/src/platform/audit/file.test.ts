import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { realClock } from '../clock/real.ts';
import { type FileDeviceOptions, openFileDevice } from './file.ts';

const newFile = (): string => path.join(mkdtempSync(path.join(tmpdir(), 'coffer-audit-')), 'audit.log');
const opened = (options: FileDeviceOptions) => openFileDevice('file/', options, { clock: realClock() });
const isFailure = (error: unknown): boolean => error instanceof CofferError && error.code === 'audit_failed';

test('records are lines in the order they were given, those of one turn and those that come during a write', async () => {
  const file = newFile();
  const device = await opened({ filePath: file, mode: 0o600 });
  const writes = [device.write(['a', 'b']), device.write(['c'])];
  for (let at = 0; at < 50; at++) {
    writes.push(device.write([`d${at}é`]));
    if (at % 7 === 0) await new Promise(done => setImmediate(done));
  }
  await Promise.all(writes);
  const wanted = ['a', 'b', 'c', ...Array.from({ length: 50 }, (_, at) => `d${at}é`), ''].join('\n');
  assert.equal(readFileSync(file, 'utf8'), wanted);
  await device.close();
});

test('what was there stays, a new file has the mode asked for, and a written record is in the file when it resolves', async () => {
  const file = newFile();
  const device = await opened({ filePath: file, mode: 0o640 });
  assert.equal(statSync(file).mode & 0o777, 0o640);
  await device.write(['one']);
  assert.equal(readFileSync(file, 'utf8'), 'one\n');
  await device.close();
  const again = await opened({ filePath: file, mode: 0o600 });
  await again.write(['two']);
  assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n');
  await again.close();
});

test('after rotation, reopening writes to the new file', async () => {
  const file = newFile();
  const device = await opened({ filePath: file, mode: 0o600 });
  await device.write(['one']);
  renameSync(file, `${file}.1`);
  await device.reopen();
  await device.write(['two']);
  assert.deepEqual([readFileSync(`${file}.1`, 'utf8'), readFileSync(file, 'utf8')], ['one\n', 'two\n']);
  await device.close();
});

test('a write that is under way while the file is opened anew ends in the file it began in, and is synced there', async () => {
  const file = newFile();
  const device = await opened({ filePath: file, mode: 0o600, isSynced: true });
  const large = 'x'.repeat(4_000_000);
  const written: Promise<void>[] = [];
  for (let at = 0; at < 60; at++) {
    written.push(device.write([`${at} ${large}`]));
    await new Promise(done => setImmediate(done));
    if (at % 3 === 0) await device.reopen();
  }
  const results = await Promise.allSettled(written);
  assert.deepEqual(
    results.filter(({ status }) => status === 'rejected'),
    [],
  );
  assert.equal(readFileSync(file, 'utf8').split('\n').length, 61);
  await device.close();
});

test('F1: half a line that a crash has left is ended before anything else is written', async () => {
  const file = newFile();
  writeFileSync(file, 'one\ntw');
  const device = await opened({ filePath: file, mode: 0o600 });
  await device.write(['three']);
  await device.write(['four']);
  assert.equal(readFileSync(file, 'utf8'), 'one\ntw\nthree\nfour\n');
  await device.close();
});

test('F3: a file that was deleted is noticed and made anew; one that was renamed is not', async () => {
  const file = newFile();
  const device = await opened({ filePath: file, mode: 0o600 });
  await device.write(['one']);
  assert.equal(await device.watch(), false);
  renameSync(file, `${file}.1`);
  assert.equal(await device.watch(), false);
  await device.write(['two']);
  assert.equal(readFileSync(`${file}.1`, 'utf8'), 'one\ntwo\n');
  rmSync(`${file}.1`);
  assert.deepEqual([await device.watch(), await device.watch()], [true, false]);
  await device.write(['three']);
  assert.equal(readFileSync(file, 'utf8'), 'three\n');
  writeFileSync(`${file}.other`, 'other\n');
  renameSync(`${file}.other`, file);
  assert.equal(await device.watch(), true);
  await device.write(['four']);
  assert.equal(readFileSync(file, 'utf8'), 'other\nfour\n');
  await device.close();
  assert.equal(await device.watch(), false);
});

test('F3: where the folder of a deleted file is gone, records are refused until it is back', async () => {
  const file = newFile();
  const folder = path.dirname(file);
  const device = await opened({ filePath: file, mode: 0o600 });
  rmSync(folder, { recursive: true });
  assert.equal(await device.watch(), true);
  await assert.rejects(device.write(['one']), isFailure);
  assert.equal(await device.watch(), false);
  await assert.rejects(device.write(['two']), isFailure);
  mkdirSync(folder);
  await device.write(['three']);
  assert.equal(readFileSync(file, 'utf8'), 'three\n');
  await device.close();
});

test('F3: what is no file is never taken for a deleted one', async () => {
  for (const filePath of ['/dev/null', 'discard', 'stdout']) {
    const device = await opened({ filePath, mode: 0o600 });
    assert.equal(await device.watch(), false);
    await device.close();
  }
});

test('a link or a folder that is not there is refused, naming the file', async () => {
  const file = newFile();
  writeFileSync(`${file}.target`, '');
  symlinkSync(`${file}.target`, file);
  for (const filePath of [file, path.join(file, 'deeper', 'audit.log')])
    await assert.rejects(opened({ filePath, mode: 0o600 }), isFailure);
});

test('a device that can take no bytes fails every record of the batch, and the next is tried anew', async () => {
  const device = await opened({ filePath: '/dev/full', mode: 0o600 });
  for (let attempt = 0; attempt < 2; attempt++) {
    const results = await Promise.allSettled([device.write(['a']), device.write(['b'])]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  }
  await device.close();
});

test('sync = fsync: what is written together is synced together, and what cannot be synced is refused', async () => {
  const file = newFile();
  const device = await opened({ filePath: file, mode: 0o600, isSynced: true });
  await Promise.all(Array.from({ length: 50 }, (_, at) => device.write([`${at}`])));
  assert.equal(readFileSync(file, 'utf8').split('\n').length, 51);
  await device.close();
  const unsynced = await opened({ filePath: '/dev/null', mode: 0o600, isSynced: true });
  await assert.rejects(unsynced.write(['a']), { code: 'EINVAL' });
  await unsynced.close();
});

const hasPipes = spawnSync('mkfifo', ['--version']).status === 0;

test('F3: a pipe that nobody reads holds up only its own device, and once it is read every record is in it', {
  skip: hasPipes ? false : 'mkfifo is not here',
}, async () => {
  const file = newFile();
  spawnSync('mkfifo', [file]);
  await assert.rejects(opened({ filePath: file, mode: 0o600 }), /ENXIO/);
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const device = await opened({ filePath: file, mode: 0o600 });
  const line = 'x'.repeat(99_999);
  const stuck = [device.write([line]), device.write([line])].map(written => written.catch((cause: unknown) => cause));
  assert.equal(await Promise.all(stuck).then(all => all.every(isFailure)), true);
  await assert.rejects(device.write([line]), isFailure);
  const wanted = 3 * (line.length + 1);
  const buffer = Buffer.alloc(65_536);
  let got = 0;
  for (let turn = 0; got < wanted && turn < 2000; turn++) {
    try {
      got += readSync(reader, buffer);
    } catch {
      await new Promise(done => setTimeout(done, 10));
    }
  }
  assert.equal(got, wanted);
  for (let turn = 0; turn < 50; turn++) await new Promise(done => setImmediate(done));
  await device.write(['well again']);
  assert.equal(buffer.toString('utf8', 0, readSync(reader, buffer)), 'well again\n');
  await device.close();
  closeSync(reader);
});
