/** Audit files in which somebody who has no keys has changed what stands before a place where the chain says anew how far it is. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { markOf } from '../../packages/cli/src/audit/mark.ts';
import { ChainBed, faultsOf, kindsOf } from './chain-bed.ts';

const hashFrom = (before: string, text: string): string =>
  createHash('sha256').update(Buffer.from(before, 'hex')).update(text).digest('hex');

/** All hashes made anew, as anybody can. */
const rehashed = (lines: readonly string[]): string[] => {
  let before = '0'.repeat(64);
  let write: string[] = [];
  return lines.flatMap(line => {
    write.push(line);
    if (markOf(Buffer.from(line))?.end === undefined) return [];
    const text = write.join('\n');
    write = [];
    const at = text.lastIndexOf(',"hash":"');
    before = hashFrom(before, text.slice(0, at));
    return `${text.slice(0, at)},"hash":"${before}"${text.slice(at + 74)}`.split('\n');
  });
};

const sacred = (lines: readonly string[]): string[] =>
  lines.map((line, at) => (at === 5 ? line.replace('secret/', 'sacred/') : line));

test('a rotated file with all hashes made anew is not proven by the file after it', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const first = await chain.rotate('1');
  await chain.requests();
  const witness = await chain.witness();
  const copy = chain.changed(lines => rehashed(sacred(lines)), first);
  assert.deepEqual((await chain.verify([first, chain.file], witness)).findings, []);
  assert.deepEqual(faultsOf(await chain.verify([copy, chain.file], witness)), ['forged', 'forged']);
  const kept = { ...witness, kind: 'checkpoints' as const, check: undefined };
  assert.deepEqual(faultsOf(await chain.verify([copy, chain.file], kept)), ['forged']);
  // A line that pretends a failed write in between joins nothing.
  const [start = '', head = ''] = [chain.lines(copy)[0], chain.lines()[0]];
  const from = /"from":"(\w{64})".*"sequence":(\d+)/.exec(head);
  const end = markOf(Buffer.from(chain.lines(copy).at(-2) ?? ''));
  assert.notEqual(start, head);
  const failed = `"failed":{"sequence":${end?.sequence},"hash":"${end?.end?.hash}"},"sequence":${from?.[2]}}}`;
  const pretended = head.replace(/"sequence":\d+\}\}$/, failed);
  const joined = `${first}.joined`;
  writeFileSync(joined, `${[...chain.lines(copy).slice(0, -1), pretended, ...chain.lines()].join('\n')}\n`);
  assert.ok((await chain.verify([joined], witness)).faults > 0);
});

test('lines that are put before a rotation or a reload are a fault: no crash has left them', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const first = await chain.rotate('1');
  await chain.requests();
  const witness = await chain.witness();
  const record =
    chain
      .lines(first)[2]
      ?.replace('secret/', 'sacred/')
      .replace(/,"hash":.*$/, '}}') ?? '';
  const whole = readFileSync(first);
  const copy = `${first}.copy`;
  for (const more of [
    `${record}\n`,
    `${record.replace(/"sequence":\d+/, '"sequence":900')}\n`,
    'free text\n',
    'half a li',
  ]) {
    writeFileSync(copy, whole);
    appendFileSync(copy, more);
    assert.deepEqual(faultsOf(await chain.verify([copy, chain.file], witness)), ['inserted'], more);
    // The same within one file.
    if (more.endsWith('\n')) appendFileSync(copy, readFileSync(chain.file));
    if (more.endsWith('\n')) assert.deepEqual(faultsOf(await chain.verify([copy], witness)), ['inserted'], more);
  }
  const second = `${chain.file}.copy`;
  writeFileSync(second, Buffer.concat([Buffer.from('free text\n'), readFileSync(chain.file)]));
  assert.deepEqual(faultsOf(await chain.verify([first, second], witness)), ['inserted']);
  // At the very end they may be what a crash left.
  writeFileSync(copy, Buffer.concat([whole, Buffer.from(`${record}\n`)]));
  assert.deepEqual(kindsOf(await chain.verify([copy], witness, true)), ['unproven']);
});

test('a file made anew with other ends of writes does not step over a kept checkpoint', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const kept = { ...(await chain.witness()), kind: 'checkpoints' as const, check: undefined };
  await chain.requests();
  const [known] = [...kept.lanes.values()];
  const copy = chain.changed(lines =>
    rehashed(
      sacred(lines).map(line => {
        const mark = markOf(Buffer.from(line));
        return mark?.sequence === known?.sequence ? line.replace(/,"hash":.*$/, '}}') : line;
      }),
    ),
  );
  assert.deepEqual(faultsOf(await chain.verify([copy], kept)), ['forged']);
  assert.deepEqual(faultsOf(await chain.verify([copy], kept, true)), ['forged']);
  // A checkpoint of before the first file is not looked for.
  const first = await chain.rotate('1');
  await chain.requests();
  assert.deepEqual(faultsOf(await chain.verify([chain.file], kept)), []);
  assert.deepEqual(faultsOf(await chain.verify([first, chain.file], kept)), []);
});

test('lanes that are older than the files are noted: whoever takes away the oldest files does not do so unseen', async () => {
  const chain = await ChainBed.open();
  for (const name of ['1', '2', '3']) {
    await chain.requests();
    await chain.reseal();
    await chain.rotate(name);
  }
  await chain.requests();
  const { findings } = await chain.verify();
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['earlier'],
  );
  assert.match(findings[0]?.text ?? '', /^3 lanes, up to 2026-/);
});

test('what stands before a failed write is proven by the place that the writer says was certain', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  // A write that reached the file, of which the device said that it had not.
  const [certain] = chain.bed.core.auditCheckpoints.list();
  assert.ok(certain);
  await chain.requests(1);
  const kept = { ...(await chain.witness()), kind: 'checkpoints' as const, check: undefined, lanes: new Map() };
  const end = markOf(Buffer.from(chain.lines().at(-1) ?? ''));
  const head = (chain.lines()[0] ?? '').replace(
    /"from":.*$/,
    `"from":"${'c'.repeat(64)}","failed":{"sequence":${certain?.sequence},"hash":"${certain?.hash}"},"sequence":${(end?.sequence ?? 0) + 2}}}`,
  );
  const whole = `${chain.file}.whole`;
  writeFileSync(whole, `${[...chain.lines(), head].join('\n')}\n`);
  assert.deepEqual(kindsOf(await chain.verify([whole], kept)), ['lost']);
  writeFileSync(whole, `${[...rehashed(sacred(chain.lines())), head].join('\n')}\n`);
  assert.deepEqual(faultsOf(await chain.verify([whole], kept)), ['forged']);
});

test('a file that is given twice, under two names, is told once', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  await chain.requests();
  assert.deepEqual(faultsOf(await chain.verify([chain.file, chain.copied('again')])), ['reordered']);
});
