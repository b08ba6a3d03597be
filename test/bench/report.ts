/** The results as Markdown, ready for a README. */
import type { Bulk } from './bulk.ts';
import type { EventsMeasured } from './events.ts';
import type { DeviceRow } from './devices.ts';
import type { HalfLoad } from './half-load.ts';
import type { LeaseEnds } from './lease-work.ts';
import type { Fsync, Machine } from './machine.ts';
import type { Measured } from './measure.ts';
import type { LeaseStart } from './leases.ts';
import type { Row } from './rounds.ts';
import type { SlowCrypto } from './slow-crypto.ts';
import type { Starts } from './start-up.ts';
import type { LoopDelay } from './target/crypto-main.ts';
import type { Target } from './target/target.ts';
import type { ThreadRow } from './threads.ts';
import type { Distribution } from './load/keys.ts';
import type { Shape } from './load/plan.ts';
import { keyCount } from './workloads.ts';

export interface Report {
  readonly machine: Machine;
  readonly shape: Shape;
  readonly fsync: Fsync;
  readonly rows: readonly Row[];
  readonly devices: readonly DeviceRow[] | undefined;
  readonly threads: readonly ThreadRow[] | undefined;
  readonly leaseEnds: LeaseEnds | undefined;
  readonly half: readonly HalfLoad[] | undefined;
  /** Writes with a slow disk: the delay added to each fsync. */
  readonly slow: Row | undefined;
  readonly slowDelayMs: number;
  readonly slowCrypto: SlowCrypto | undefined;
  readonly bulk: Bulk | undefined;
  readonly start: Starts | undefined;
  readonly leaseStart: LeaseStart | undefined;
  readonly events: EventsMeasured | undefined;
  readonly typesSeconds: number | undefined;
}

const whole = (value: number): string => (Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en'));
const fixed = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(2));
const percent = (share: number): string => (Number.isFinite(share) ? `${Math.round(share * 100)} %` : '–');

const resultOf = (row: Row, name: Target['name']) => row.results.find(({ target }) => target === name);

const cells = ({ perSecond, cpuUs, p50Ms, p99Ms }: Measured): string =>
  `${whole(perSecond)} | ${whole(cpuUs)} | ${fixed(p50Ms)} / ${fixed(p99Ms)}`;

const serverCells = (row: Row, name: Target['name']): string => {
  const found = resultOf(row, name);
  return found === undefined ? '– | – | –' : cells(found);
};

const limitCells = (row: Row): string => {
  const [limit, on] = [resultOf(row, 'limit'), resultOf(row, 'audit on')];
  if (limit === undefined || on === undefined) return '– | – | –';
  const { perSecond, cpuUs } = limit;
  return `${whole(perSecond)} | ${whole(cpuUs)} | ${percent(on.perSecond / perSecond)} (${percent(cpuUs / on.cpuUs)})`;
};

const mainTable = (rows: readonly Row[]): string =>
  [
    '| | audit on: requests/s | CPU µs | p50 / p99 ms | audit off: requests/s | CPU µs | p50 / p99 ms | limit: requests/s | CPU µs | of the limit, by requests (by CPU) |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows.map(
      row =>
        `| ${row.title} | ${serverCells(row, 'audit on')} | ${serverCells(row, 'audit off')} | ${limitCells(row)} |`,
    ),
  ].join('\n');

/** Another store beside the one that is audited. */
const besideTable = (rows: readonly Row[], name: Target['name'], [rate, cpu, ratio]: readonly string[]): string => {
  const compared = rows.filter(row => resultOf(row, name) !== undefined);
  if (compared.length === 0) return '';
  const lines = compared.map(row => {
    const [other, on] = [resultOf(row, name), resultOf(row, 'audit on')];
    const ratios = [other?.perSecond, on?.perSecond, other?.cpuUs, on?.cpuUs].map(one => one ?? Number.NaN);
    const [otherRate = 0, onRate = 0, otherCpu = 0, onCpu = 0] = ratios;
    return `| ${row.title} | ${serverCells(row, name)} | ${fixed(otherRate / onRate)} | ${fixed(otherCpu / onCpu)} |`;
  });
  const head = `| | ${rate} (audit on): requests/s | ${cpu} | p50 / p99 ms | ÷ ${ratio}, requests | CPU |`;
  return ['', head, '|---|--:|--:|--:|--:|--:|', ...lines, ''].join('\n');
};

const storageTable = (rows: readonly Row[]): string =>
  besideTable(rows, 'postgresql', ['on PostgreSQL', 'CPU µs, without the database', 'on SQLite']) +
  besideTable(rows, 'anchored', ['with an anchor', 'CPU µs', 'without']);

const againstTable = (rows: readonly Row[]): string => {
  const compared = rows.filter(row => resultOf(row, 'against') !== undefined);
  if (compared.length === 0) return '';
  const lines = compared.map(row => {
    const [other, on] = [resultOf(row, 'against'), resultOf(row, 'audit on')];
    const [rate, cpu] = [on?.perSecond ?? Number.NaN, on?.cpuUs ?? Number.NaN];
    const ratios = `${fixed(rate / (other?.perSecond ?? Number.NaN))} | ${fixed((other?.cpuUs ?? Number.NaN) / cpu)}`;
    return `| ${row.title} | ${serverCells(row, 'against')} | ${ratios} |`;
  });
  return [
    '',
    '| | other server: requests/s | CPU µs | p50 / p99 ms | ours (audit on) ÷ other, requests | other ÷ ours, CPU |',
    '|---|--:|--:|--:|--:|--:|',
    ...lines,
    '',
  ].join('\n');
};

const deviceTable = (rows: readonly DeviceRow[]): string =>
  [
    '| | audit devices | requests/s | CPU µs | p50 / p99 ms |',
    '|---|---|--:|--:|--:|',
    ...rows.flatMap(({ title, results }) => results.map(one => `| ${title} | ${one.devices} | ${cells(one)} |`)),
    '',
  ].join('\n');

const threadTable = (rows: readonly ThreadRow[]): string =>
  [
    '| on all cores, 256 connections | threads | requests/s | CPU µs | p50 / p99 ms | requests per CPU second, of one thread |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows.flatMap(({ title, results }) =>
      results.map(one => {
        const share = percent((results[0]?.cpuUs ?? Number.NaN) / one.cpuUs);
        return `| ${title} | ${one.threads} | ${cells(one)} | ${share} |`;
      }),
    ),
    '',
  ].join('\n');

const halfLines = (all: readonly HalfLoad[]): string[] =>
  all.map(
    ({ title, half }) =>
      `at half of the most, audit on: ${title}: ${whole(half.perSecond)}/s with ${fixed(half.p50Ms)} / ${fixed(half.p99Ms)} ms (p50 / p99)`,
  );

const endsLines = ({ leases, quiet, ending, worstP99Ms, seconds }: LeaseEnds): string[] => [
  `${whole(leases)} leases that end in one second: all taken back within ${fixed(seconds)} s of it, none lost; reads meanwhile (KV v2, audit on, windows of 1 s) ${whole(ending.perSecond)}/s with p99 ${fixed(ending.p99Ms)} ms, worst window ${fixed(worstP99Ms)} ms; before, ${whole(quiet.perSecond)}/s with p99 ${fixed(quiet.p99Ms)} ms`,
];

const startText = ({ sourcesMs, executableMs }: Starts): string =>
  `${whole(sourcesMs)} ms from the sources, ${whole(executableMs)} ms as the single executable`;

const bulkLines = ({ secrets, perSecond, diskMB, rssMB, start }: Bulk): string[] => [
  `${whole(secrets)} secrets (audit on): written at ${whole(perSecond)}/s, ${whole(diskMB)} MB on disk, ${whole(rssMB)} MB RSS after, start to serving ${startText(start)}`,
];

const leaseLines = ({ leases, start }: LeaseStart): string[] => [
  `start to serving, ${whole(leases)} leases: ${startText(start)}`,
];

const ms = (microseconds: number): string => fixed(microseconds / 1000);

const eventLines = ({ followers, calm, busy, alone, toldCpuUs }: EventsMeasured): string[] => [
  `change stream, ${whole(followers)} followers (audit on): from sending a write until it is told ${ms(calm.p50Us)} / ${ms(calm.p99Us)} ms (p50 / p99), the write itself ${ms(calm.writeP50Us)} / ${ms(calm.writeP99Us)} ms, ${whole(calm.writes)} writes, ${whole(calm.told)} of ${whole(calm.writes * followers)} told`,
  `change stream, writes one after the other: ${whole(busy.told / busy.seconds)} events told in a second, ${fixed(toldCpuUs)} µs CPU each, ${ms(busy.p50Us)} / ${ms(busy.p99Us)} ms after the write was sent, ${whole(busy.told)} of ${whole(busy.writes * followers)} told; a write takes ${ms(busy.writeP50Us)} / ${ms(busy.writeP99Us)} ms, with nobody there ${ms(alone.writeP50Us)} / ${ms(alone.writeP99Us)} ms`,
];

const loopText = ({ p50Ms, p99Ms, maxMs }: LoopDelay): string =>
  `${fixed(p50Ms)} / ${fixed(p99Ms)} / ${fixed(maxMs)} ms`;

const slowCryptoLines = ({ keys, quiet, making, alone, seconds, aloneSeconds }: SlowCrypto): string[] => [
  `${whole(keys)} RSA-4096 keys made beside reads (KV v2, audit on, windows of 1 s): delay of the loop ${loopText(making.loop)} (p50 / p99 / max), before ${loopText(quiet.loop)}, keys alone ${loopText(alone)}; reads ${whole(making.reads.perSecond)}/s with p99 ${fixed(making.reads.p99Ms)} ms, before ${whole(quiet.reads.perSecond)}/s with p99 ${fixed(quiet.reads.p99Ms)} ms; the keys took ${fixed(seconds)} s, alone ${fixed(aloneSeconds)} s`,
];

const otherLines = (report: Report): string[] => [
  ...(report.start === undefined ? [] : [`start to serving, empty store: ${startText(report.start)}`]),
  ...(report.leaseStart === undefined ? [] : leaseLines(report.leaseStart)),
  ...halfLines(report.half ?? []),
  ...(report.events === undefined ? [] : eventLines(report.events)),
  ...(report.leaseEnds === undefined ? [] : endsLines(report.leaseEnds)),
  ...(report.slowCrypto === undefined ? [] : slowCryptoLines(report.slowCrypto)),
  ...(report.bulk === undefined ? [] : bulkLines(report.bulk)),
  ...(report.typesSeconds === undefined ? [] : [`600 rows type-check in ${fixed(report.typesSeconds)} s`]),
];

const spreads: { readonly [name in Distribution]: string } = {
  uniform: 'uniformly random',
  zipf: "random by Zipf's law (exponent 1)",
};

const head = ({ machine, shape, fsync }: Report): string => {
  const { date, cpu, cores, memoryGiB, kernel, node, pinned, loadAverage } = machine;
  const cored = pinned ? 'server on one core, clients on another' : 'processes not pinned to cores';
  return `Measured ${date} UTC: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}, Node ${node}; ${cored}; load average at the start ${fixed(loadAverage)}.
32 keep-alive connections, one request in flight on each; medians of rounds in which the servers alternate. SQLite, synchronous=FULL, fdatasync beside it ${fixed(fsync.p50Ms)} ms (p50), ${fixed(fsync.p99Ms)} ms (p99). Values of ${whole(shape.valueBytes)} bytes, ${whole(keyCount)} keys, ${spreads[shape.distribution]}. The token is a service token with \`default\` and one more policy. Audit: a file, sync = write.
Limit: a bare \`node:http\` server that answers the same bytes. CPU µs: user and system time of all threads of the server for each request.`;
};

export const markdown = (report: Report): string => {
  const slow =
    report.slow === undefined
      ? []
      : [{ ...report.slow, title: `${report.slow.title}, fsync + ${report.slowDelayMs} ms` }];
  const list = report.bulk === undefined ? [] : [report.bulk.list];
  const rows = [...report.rows, ...slow, ...list];
  const devices = report.devices === undefined ? '' : `${deviceTable(report.devices)}\n`;
  const threads = report.threads === undefined ? '' : `${threadTable(report.threads)}\n`;
  const others = otherLines(report).map(line => `- ${line}`);
  return `${head(report)}\n\n${mainTable(rows)}\n${storageTable(rows)}${againstTable(rows)}\n${devices}${threads}${others.join('\n')}\n`;
};
