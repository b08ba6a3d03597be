/** The chain of audit records: whole over rotation, seal and failures; every way of changing the files is found. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { markOf } from '../../packages/cli/src/audit/mark.ts';
import { nobody } from '../../packages/cli/src/audit/witness.ts';
import { ChainBed, faultsOf, kindsOf } from './chain-bed.ts';

const bytesOf = (line: string): Uint8Array => new TextEncoder().encode(line);
const isEnd = (line: string): boolean => markOf(bytesOf(line))?.end !== undefined;

/** Lines as writes: each ends with its last record. The head stands with the first. */
const writesOf = (lines: readonly string[]): string[][] => {
  const writes: string[][] = [[]];
  for (const line of lines) {
    writes.at(-1)?.push(line);
    if (isEnd(line)) writes.push([]);
  }
  return writes.slice(0, -1);
};

test('files are whole over rotation, seal and rotation of the keys, in whatever order they are given', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const first = await chain.rotate('1');
  await chain.requests();
  await chain.bed.root('POST', 'sys/rotate');
  await chain.reseal();
  await chain.requests();
  const second = await chain.rotate('2');
  await chain.requests();
  const verified = await chain.verify([second, chain.file, first]);
  assert.deepEqual(verified.findings, []);
  assert.equal(verified.lanes, 2);
  assert.equal(verified.witness, 'store');
  const all = [first, second, chain.file].flatMap(file => chain.lines(file));
  assert.ok(all.some(line => /"key":2/.test(line) && /"after":\{/.test(line)));
  // The two requests of the witness came meanwhile.
  assert.ok(verified.records >= 50 && verified.records <= all.length);
});

test('every record has its lane and sequence, and one MAC stands for all of one write', async () => {
  const chain = await ChainBed.open();
  await chain.requests(20);
  const marks = chain.lines().flatMap(line => markOf(bytesOf(line)) ?? []);
  assert.deepEqual(
    marks.map(({ sequence }) => sequence),
    marks.map((_, at) => at + 1),
  );
  const last = writesOf(chain.lines()).at(-1) ?? [];
  assert.ok(last.length > 2, 'reads of one moment are written together');
  assert.equal(last.filter(isEnd).length, 1);
});

type Tampering = readonly [what: string, change: (lines: string[]) => string[], found: readonly string[]];

const swapped = (lines: string[], one: number, other: number): string[] =>
  lines.map((line, at) => (at === one ? lines[other] : at === other ? lines[one] : line) ?? '');

/** The first record of the last write, which has many. */
const inLast = (lines: string[]): number => lines.length - (writesOf(lines).at(-1)?.length ?? 0);

const tamperings: readonly Tampering[] = [
  [
    'a changed path',
    lines => lines.map((line, at) => (at === 5 ? line.replace('secret/', 'sacred/') : line)),
    ['changed'],
  ],
  ['a changed time', lines => lines.map((line, at) => (at === 5 ? line.replace('2026', '2025') : line)), ['changed']],
  ['a changed MAC', lines => lines.map((l, at) => (at === 5 ? l.replace(/"mac":"../, '"mac":"zz') : l)), ['inserted']],
  ['a record cut out of a write', lines => lines.toSpliced(inLast(lines) + 1, 1), ['gap']],
  ['a write cut out', lines => writesOf(lines).toSpliced(2, 1).flat(), ['gap']],
  [
    'a write that stands twice',
    lines =>
      writesOf(lines)
        .flatMap((one, at) => (at === 2 ? [one, one] : [one]))
        .flat(),
    ['reordered'],
  ],
  ['records that changed places', lines => swapped(lines, inLast(lines), inLast(lines) + 1), ['reordered']],
  ['a line put in between', lines => lines.toSpliced(4, 0, '{"time":"x","type":"request"}'), ['inserted']],
  ['an empty line within a write', lines => lines.toSpliced(inLast(lines) + 1, 0, ''), ['inserted']],
  ['the end cut off', lines => writesOf(lines).slice(0, -1).flat(), ['truncated']],
  ['a record cut off the end', lines => lines.slice(0, -1), ['truncated']],
  ['the first line cut off', lines => lines.slice(1), ['truncated']],
  ['the start cut off', lines => writesOf(lines).slice(2).flat(), ['truncated']],
  ['everything cut off but the head', lines => lines.slice(0, 1), ['truncated']],
];

for (const [what, change, found] of tamperings)
  test(`found in an audit file: ${what}`, async () => {
    const chain = await ChainBed.open();
    await chain.requests();
    // What the witness asks stands behind these, and its word does not reach that far.
    const lines = chain.lines();
    const witness = await chain.witness();
    assert.deepEqual((await chain.verify([chain.file], witness)).findings, []);
    const verified = await chain.verify([chain.changed(() => change(lines))], witness);
    const told = [...new Set(faultsOf(verified))];
    assert.equal(
      told.some(kind => found.includes(kind)),
      true,
      told.join(),
    );
    for (const { spot } of verified.findings) assert.ok(spot.line > 0 && spot.file.endsWith('changed'));
  });

test('writes that changed places are told where they are, and those between them are not blamed', async () => {
  const chain = await ChainBed.open();
  await chain.requests(8);
  const writes = writesOf(chain.lines());
  const moved = [...writes.slice(0, 2), writes[3] ?? [], writes[2] ?? [], ...writes.slice(4)];
  const verified = await chain.verify([chain.changed(() => moved.flat())]);
  const lineOf = (at: number): number => moved.slice(0, at).flat().length + 1;
  assert.deepEqual(
    verified.findings.map(({ kind, spot }) => [kind, spot.line]),
    [
      ['gap', lineOf(2)],
      ['reordered', lineOf(3)],
    ],
  );
});

test('files are whole also where the clock was set back, and lanes were begun in the same moment', async () => {
  const chain = await ChainBed.open();
  const files: string[] = [];
  for (const jumpMs of [0, -86_400_000, 0, -1000, 0]) {
    await chain.requests();
    files.push(await chain.rotate(`${files.length}`));
    await chain.requests();
    chain.bed.clock.jump(jumpMs);
    await chain.bed.root('POST', 'sys/seal');
    await chain.bed.ask('POST', 'sys/unseal', { body: { key: chain.bed.unsealKeys[0] } });
  }
  await chain.requests();
  const given = [...files, chain.file];
  for (const order of [given, given.toReversed()]) assert.deepEqual((await chain.verify(order)).findings, []);
  assert.deepEqual(faultsOf(await chain.verify(given.slice(0, -1))), ['truncated', 'truncated']);
});

/** Makes the hashes right again, as anybody can; the MACs nobody can. */
const rehashed = (lines: readonly string[]): string[] => {
  let before = '0'.repeat(64);
  return writesOf(lines).flatMap(write => {
    const text = write.join('\n');
    const at = text.lastIndexOf(',"hash":"');
    before = createHash('sha256').update(Buffer.from(before, 'hex')).update(text.slice(0, at)).digest('hex');
    return `${text.slice(0, at)},"hash":"${before}"${text.slice(at + 74)}`.split('\n');
  });
};

test('a change with all hashes made anew is found by the MACs, at the first record that is not the store’s', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const witness = await chain.witness();
  const copy = chain.changed(lines =>
    rehashed(lines.map((line, at) => (at === 5 ? line.replace('secret/', 'sacred/') : line))),
  );
  const { findings } = await chain.verify([copy], witness);
  const forged = findings.find(({ text }) => text.includes('MAC'));
  assert.deepEqual([forged?.kind, forged?.spot.line], ['forged', 6]);
  assert.deepEqual((await chain.verify([chain.changed(lines => rehashed(lines))], witness)).findings, []);
  const offline = await chain.verify([copy], nobody);
  assert.deepEqual([offline.faults, offline.witness], [0, 'nobody']);
});

test('a kept answer of the store finds the same change without the store, and an end that was cut off', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const kept = { ...(await chain.witness()), kind: 'checkpoints' as const, check: undefined };
  await chain.requests();
  assert.deepEqual((await chain.verify([chain.file], kept)).findings, []);
  const copy = chain.changed(lines =>
    rehashed(lines.map((line, at) => (at === 5 ? line.replace('secret/', 'sacred/') : line))),
  );
  assert.deepEqual(faultsOf(await chain.verify([copy], kept)), ['forged']);
  assert.deepEqual(faultsOf(await chain.verify([chain.changed(lines => lines.slice(0, 6))], kept)), ['truncated']);
});

test('a file of another store, and an older copy of the same one, are not taken for it', async () => {
  const [chain, other] = [await ChainBed.open(), await ChainBed.open()];
  await chain.requests();
  await other.requests();
  assert.deepEqual(faultsOf(await chain.verify([other.file], await chain.witness())), ['foreign']);
  const old = chain.copied('old');
  await chain.requests();
  assert.deepEqual(faultsOf(await chain.verify([old])), ['truncated']);
  await chain.reseal();
  await chain.requests();
  assert.deepEqual(faultsOf(await chain.verify([old])), ['truncated', 'truncated']);
  assert.deepEqual(faultsOf(await chain.verify([old], await chain.witness(), true)), []);
});

test('a file in the middle that is not there is a gap; one before the first is only noted', async () => {
  const chain = await ChainBed.open();
  const files: string[] = [];
  for (const name of ['1', '2', '3']) {
    await chain.requests();
    files.push(await chain.rotate(name));
  }
  await chain.requests();
  const [first = '', second = '', third = ''] = files;
  assert.deepEqual(kindsOf(await chain.verify([first, third, chain.file])), ['gap']);
  assert.deepEqual(kindsOf(await chain.verify([second, third, chain.file])), ['earlier']);
});

test('lines of before the chain, and an end that a crash left, are told apart from tampering', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const whole = readFileSync(chain.file);
  const witness = await chain.witness();
  const copy = `${chain.file}.copy`;
  writeFileSync(copy, Buffer.concat([Buffer.from('{"time":"x","type":"request"}\n'), whole]));
  assert.deepEqual(kindsOf(await chain.verify([copy], witness)), ['unchained']);
  const records = writesOf(whole.toString().split('\n').slice(0, -1)).flat();
  const line = records.find(one => markOf(bytesOf(one)) !== undefined && !isEnd(one)) ?? '';
  const next = line.replace(/"sequence":\d+/, `"sequence":${records.length}`);
  writeFileSync(copy, whole);
  appendFileSync(copy, `${next}\n${next.slice(0, 100)}`);
  const torn = await chain.verify([copy], witness);
  assert.deepEqual([torn.faults, kindsOf(torn)], [0, ['torn', 'unproven']]);
  truncateSync(copy, whole.length - 200);
  assert.deepEqual(faultsOf(await chain.verify([copy], witness)), ['truncated']);
});
