/** The results as Markdown, with the peer's beside them, and whether the goals are met. */
import type { Machine } from '../machine.ts';
import type { Measured, Round } from './bench.ts';
import type { Latency } from './latency.ts';
import type { OperatorBenchOptions } from './options.ts';
import { peers, type PeerFigures } from './peers.ts';
import { type PhaseName, phaseNames } from './phases.ts';

/** Seconds within which each phase of 1,000 objects is to be over, on two cores with the API server. */
export const goalSeconds = 15;
export const goalObjects = 1000;

export interface OperatorReport {
  readonly machine: Machine;
  readonly options: OperatorBenchOptions;
  readonly measured: readonly Measured[];
}

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[(all.length - 1) >> 1] ?? Number.NaN;
const tenths = (value: number): string => (Number.isFinite(value) ? value.toFixed(1) : '–');
const whole = (value: number): string => (Number.isFinite(value) ? Math.round(value).toLocaleString('en') : '–');

const over = ({ rounds }: Measured, of: (round: Round) => number): number => median(rounds.map(of));
const secondsOf = (one: Measured, name: PhaseName): number => over(one, ({ phases }) => phases[name].seconds);

const titles: { readonly [P in PhaseName]: string } = {
  create: 'created',
  recreate: 'all Secrets deleted, recreated',
  repair: 'all Secrets tampered with, repaired',
};

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');

const ownRow = (one: Measured): readonly string[] => [
  `Coffer, ${one.name}`,
  ...phaseNames.map(name => tenths(secondsOf(one, name))),
  whole(over(one, round => round.peakMiB.operator)),
  (['operator', 'apiServer'] as const)
    .map(who => tenths(over(one, ({ phases }) => phases.create.cpu[who])))
    .join(' / '),
];

const peerRow = ({ name, seconds, peakMiB, cpu }: PeerFigures): readonly string[] => [
  name,
  ...phaseNames.map(phase => tenths(seconds[phase])),
  whole(peakMiB),
  cpu,
];

const ratioRow = (one: Measured, peer: PeerFigures): readonly string[] => [
  `${peer.name} ÷ Coffer, ${one.name}`,
  ...phaseNames.map(phase => `${tenths(peer.seconds[phase] / secondsOf(one, phase))}×`),
  `${tenths(peer.peakMiB / over(one, round => round.peakMiB.operator))}×`,
  '',
];

/** With which of the peer's set-ups a set-up of ours is compared. */
const comparable = (one: Measured): readonly PeerFigures[] =>
  one.objects === goalObjects ? peers.filter(({ like }) => like.includes(one.name)) : [];

const mainTable = (measured: readonly Measured[]): string =>
  table(
    ['', ...phaseNames.map(name => `${titles[name]}, s`), 'peak RSS, MiB', 'CPU s, operator / API server, created'],
    [
      ...measured.map(ownRow),
      ...peers.filter(peer => measured.some(one => comparable(one).includes(peer))).map(peerRow),
      ...measured.flatMap(one => comparable(one).map(peer => ratioRow(one, peer))),
    ],
  );

const cpuTable = (measured: readonly Measured[]): string =>
  table(
    [
      '',
      'phase',
      'CPU s: operator',
      'store',
      'API server',
      'requests of the operator to the API server, for each object',
    ],
    measured.flatMap(one =>
      phaseNames.map(name => {
        const cpu = (['operator', 'store', 'apiServer'] as const).map(who =>
          tenths(over(one, ({ phases }) => phases[name].cpu[who])),
        );
        return [one.name, titles[name], ...cpu, requestsText(one, name)];
      }),
    ),
  );

const requestsText = (one: Measured, name: PhaseName): string => {
  const all = one.rounds.map(({ phases }) => phases[name].requests);
  const kinds = [...new Set(all.flatMap(requests => Object.keys(requests)))].toSorted();
  const objects = one.objects;
  return kinds.map(kind => `${kind} ${(median(all.map(of => of[kind] ?? 0)) / objects).toFixed(2)}`).join(', ');
};

const latencyRow = (what: string, one: Measured, of: (round: Round) => Latency | undefined): readonly string[] => {
  const all = one.rounds.flatMap(round => of(round) ?? []);
  const samples = all.reduce((sum, { samples: more }) => sum + more, 0);
  return [one.name, what, whole(samples), whole(median(all.map(x => x.p50Ms))), whole(median(all.map(x => x.p99Ms)))];
};

const latencyTable = (measured: readonly Measured[]): string =>
  table(
    ['from the acknowledged write to the Secret', '', 'samples', 'p50, ms', 'p99, ms'],
    measured.flatMap(one => [
      latencyRow('at rest', one, round => round.atRest),
      latencyRow('while as many more are created', one, round => round.underLoad),
    ]),
  );

const otherLines = (measured: readonly Measured[]): readonly string[] =>
  measured.flatMap(one => {
    const { memory, name } = one;
    const { idleMiB, storeMiB, apiMiB } = {
      idleMiB: over(one, round => round.idleMiB),
      storeMiB: over(one, round => round.peakMiB.store),
      apiMiB: over(one, round => round.peakMiB.apiServer),
    };
    return [
      `- ${name}: RSS of the operator with nothing to do ${whole(idleMiB)} MiB; peaks of the store ${whole(storeMiB)} MiB, of the API server ${whole(apiMiB)} MiB`,
      ...(memory === undefined
        ? []
        : [
            `- RSS of the operator beside ${whole(memory.foreign)} Secrets of others of 10 KiB each: ${whole(memory.beforeMiB)} MiB before they came, ${whole(memory.afterMiB)} MiB after, ${whole(memory.restartedMiB)} MiB of an operator that was started beside them`,
          ]),
    ];
  });

/** A goal that is missed is told as missed. */
const goalLine = (measured: readonly Measured[]): string => {
  if (measured.some(({ objects }) => objects !== goalObjects))
    return `Goal (${whole(goalObjects)} ExternalSecrets, each phase within ${goalSeconds} s): not measured, there were fewer or more objects.`;
  const missed = measured.flatMap(one =>
    phaseNames.flatMap(phase => {
      const worst = Math.max(...one.rounds.map(({ phases }) => phases[phase].seconds));
      return worst > goalSeconds ? [`${one.name}, ${titles[phase]} (worst round ${tenths(worst)} s)`] : [];
    }),
  );
  const goal = `Goal (${whole(goalObjects)} ExternalSecrets, each phase within ${goalSeconds} s in each round)`;
  return missed.length === 0 ? `${goal}: met.` : `${goal}: MISSED: ${missed.join('; ')}.`;
};

const head = ({ machine, options }: OperatorReport): string => {
  const { date, cpu, cores, memoryGiB, kernel, node, pinned, loadAverage } = machine;
  const cored = pinned ? 'everything on two cores' : 'processes not pinned to cores';
  return `Measured ${date} UTC: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}, Node ${node}; ${cored}; load average at the start ${loadAverage.toFixed(2)}.
${whole(options.objects)} ExternalSecrets, ${options.rounds} rounds, medians. External Secrets Operator 2.9 was measured before, on two cores, on the same control plane, not in this run.`;
};

export const markdown = (report: OperatorReport): string => {
  const { measured } = report;
  const parts = [head(report), mainTable(measured), goalLine(measured), cpuTable(measured)];
  const hasLatency = measured.some(({ rounds }) => rounds.some(({ atRest }) => atRest !== undefined));
  if (hasLatency) parts.push(latencyTable(measured));
  return `${[...parts, otherLines(measured).join('\n')].join('\n\n')}\n`;
};
