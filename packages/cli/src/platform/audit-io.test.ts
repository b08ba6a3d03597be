/** Audit files as lines: cut anywhere, without an end, too long, and followed while they change. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Line } from '../audit/source.ts';
import { auditIo, linesIn } from './audit-io.ts';

const newFile = (content: string | Uint8Array = ''): string => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'coffer-lines-')), 'audit.log');
  writeFileSync(file, content);
  return file;
};
const utf8 = new TextDecoder();

const all = async (source: AsyncIterable<readonly Line[]>): Promise<(Omit<Line, 'bytes'> & { text: string })[]> => {
  const found = [];
  for await (const lines of source)
    for (const { bytes, ...line } of lines) found.push({ ...line, text: utf8.decode(bytes) });
  return found;
};

test('lines are whole wherever the reading cuts them, and the last one may have no end', async () => {
  const long = 'é'.repeat(1_000_000);
  const found = await all(auditIo.lines(newFile(`one\n\n${long}\n${long}\nlast`)));
  assert.deepEqual(
    found.map(({ text, number, isEnded }) => [text.trimEnd(), number, isEnded]),
    [
      ['one', 1, true],
      ['', 2, true],
      [long, 3, true],
      [long, 4, true],
      ['last', 5, false],
    ],
  );
  assert.deepEqual(await all(auditIo.lines(newFile())), []);
});

test('a line that is too long is told by its start, and those behind it are found', async () => {
  const found = await all(linesIn(newFile(`${'x'.repeat(5_000_000)}\ntwo\n`), 2_000_000));
  assert.deepEqual(
    found.map(({ text, isCut, number }) => [text.length < 10_000, isCut, number]),
    [
      [true, true, 1],
      [true, false, 2],
    ],
  );
});

test('what cannot be read is told with its path', async () => {
  const file = newFile();
  for (const [given, why] of [
    [`${file}.gone`, 'no such file or folder'],
    [path.dirname(file), 'it is a folder'],
  ] as const)
    await assert.rejects(all(auditIo.lines(given)), new RegExp(`${given}: cannot be read \\(${why}\\)`));
});

test('the last lines are those before the end, however many there are', async () => {
  const file = newFile(Array.from({ length: 20 }, (_, at) => `line ${at}\n`).join(''));
  for (const [lastLines, count] of [
    [0, 0],
    [1, 1],
    [3, 3],
    [20, 20],
    [100, 20],
  ] as const) {
    const found = await all(auditIo.follow(file, { lastLines, keeps: false }));
    assert.deepEqual(
      found.map(({ text }) => text),
      Array.from({ length: count }, (_, at) => `line ${20 - count + at}\n`),
    );
  }
});

test('a file is followed over rotation, removal and being cut to nothing', async () => {
  const file = newFile('one\n');
  const source = auditIo.follow(file, { lastLines: 10, keeps: true })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    for (;;) {
      const { value } = (await source.next()) as { value: readonly Line[] };
      if (value.length > 0) return value.map(({ bytes }) => utf8.decode(bytes)).join('');
    }
  };
  assert.equal(await next(), 'one\n');
  appendFileSync(file, 'two\n');
  assert.equal(await next(), 'two\n');
  renameSync(file, `${file}.1`);
  appendFileSync(`${file}.1`, 'late\n');
  assert.equal(await next(), 'late\n');
  writeFileSync(file, 'three\n');
  assert.equal(await next(), 'three\n');
  rmSync(file);
  writeFileSync(file, 'four\n');
  assert.equal(await next(), 'four\n');
  truncateSync(file);
  appendFileSync(file, '5\n');
  assert.equal(await next(), '5\n');
  await source.return?.();
});
