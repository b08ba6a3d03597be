/** What the bench is told on its command line. */
import { parseArgs } from 'node:util';
import { type Distribution, distributionNames } from './load/keys.ts';
import { defaultShape, type Shape } from './load/plan.ts';

export interface BenchOptions {
  /** Only measurements whose name contains this text. */
  readonly only: string;
  readonly shape: Shape;
  readonly seconds: number;
  readonly rounds: number;
  /** Secrets of the bulk part; 0 leaves it out. */
  readonly bulk: number;
  /** Leases of the part about them; 0 leaves it out. */
  readonly leases: number;
  /** Who follow the change stream; 0 leaves that part out. */
  readonly followers: number;
  /** Leases that end in one second; 0 leaves that part out. */
  readonly ending: number;
  /** Added to each fsync of the disk that is slow, in milliseconds. */
  readonly fsyncDelayMs: number;
  /** Where the history grows, one line of JSON for each run. */
  readonly history: string | undefined;
  readonly against: Against | undefined;
  /** Another storage that is measured too. */
  readonly storage: 'postgresql' | undefined;
  /** A store with an anchor is measured too. */
  readonly anchor: boolean;
}

export interface Against {
  readonly url: URL;
  readonly token: string;
  /** Its process, where it runs on this machine: then its CPU time is told too. */
  readonly pid: number | undefined;
}

const defaultFsyncDelayMs = 5;

const usage = `npm run bench -- [options]

  --only NAME        only measurements whose name contains NAME (see docs/bench.md)
  --seconds N        how long each server is measured in each round (default 2)
  --rounds N         rounds; servers alternate in each, medians are told (default 3)
  --quick            one round of half a second, 5,000 secrets in the bulk part, 5,000 leases, 3,000 ending
  --bulk N           secrets of the bulk part (default 100,000; 0 leaves it out)
  --leases N         leases of the part about them (default 256,000; 0 leaves it out)
  --followers N      who follow the change stream (default 1,000; 0 leaves that part out)
  --ending N         leases that end in one second (default 30,000; 0 leaves it out)
  --value BYTES      length of each value (default 1024, at most 524288)
  --keys NAME        how random keys are spread: uniform (default) or zipf
  --fsync MS         what a slow disk takes longer for each fsync, in the parts about one (default 5)
  --json FILE        append the results to FILE (default .cache/bench.jsonl)
  --storage postgresql  measure a store on PostgreSQL too (audit on), on a server of its own
  --anchor           measure a store with an anchor too (audit on), that keeps a ledger of its records
  --against URL      measure this server too, alternating; with --token T and, for CPU times, --against-pid PID
`;

const definition = {
  only: { type: 'string', default: '' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  bulk: { type: 'string' },
  leases: { type: 'string' },
  followers: { type: 'string' },
  ending: { type: 'string' },
  value: { type: 'string' },
  keys: { type: 'string', default: defaultShape.distribution },
  fsync: { type: 'string' },
  json: { type: 'string' },
  storage: { type: 'string' },
  anchor: { type: 'boolean', default: false },
  against: { type: 'string' },
  token: { type: 'string' },
  'against-pid': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const numberOf = (text: string | undefined, otherwise: number): number => {
  const number = text === undefined ? otherwise : Number(text);
  if (!Number.isFinite(number) || number < 0) throw new Error(`"${text}" is not a number\n\n${usage}`);
  return number;
};

/** Answers the text of the help instead where that was asked for. */
export const readOptions = (argv: readonly string[]): BenchOptions | string => {
  const { values } = parseArgs({ args: [...argv], options: definition });
  if (values.help) return usage;
  return {
    only: values.only,
    shape: { valueBytes: valueBytesOf(values.value), distribution: distributionOf(values.keys) },
    seconds: numberOf(values.seconds, values.quick ? 0.5 : 2),
    rounds: Math.max(1, numberOf(values.rounds, values.quick ? 1 : 3)),
    leases: numberOf(values.leases, values.quick ? 5000 : 256_000),
    followers: numberOf(values.followers, values.quick ? 100 : 1000),
    ending: numberOf(values.ending, values.quick ? 3000 : 30_000),
    bulk: numberOf(values.bulk, values.quick ? 5000 : 100_000),
    fsyncDelayMs: fsyncDelayOf(values.fsync),
    history: values.json,
    storage: storageOf(values.storage),
    anchor: values.anchor,
    against: againstOf(values.against, values.token, values['against-pid']),
  };
};

/** A request with it in stays below what every server takes. */
const mostValueBytes = 512 * 1024;

const valueBytesOf = (text: string | undefined): number => {
  const bytes = numberOf(text, defaultShape.valueBytes);
  if (Number.isInteger(bytes) && bytes >= 1 && bytes <= mostValueBytes) return bytes;
  throw new Error(`--value: from 1 to ${mostValueBytes} bytes, not ${text}\n\n${usage}`);
};

/** Beyond a second a write of the bench would time out. */
const mostFsyncDelayMs = 1000;

const fsyncDelayOf = (text: string | undefined): number => {
  const delayMs = numberOf(text, defaultFsyncDelayMs);
  if (delayMs > 0 && delayMs <= mostFsyncDelayMs) return delayMs;
  throw new Error(`--fsync: more than 0 and at most ${mostFsyncDelayMs} ms, not ${text}\n\n${usage}`);
};

const distributionOf = (name: string): Distribution => {
  const found = distributionNames.find(known => known === name);
  if (found === undefined) throw new Error(`--keys: ${distributionNames.join(' or ')}, not "${name}"\n\n${usage}`);
  return found;
};

const storageOf = (name: string | undefined): 'postgresql' | undefined => {
  if (name !== undefined && name !== 'postgresql') throw new Error(`--storage: only postgresql\n\n${usage}`);
  return name;
};

const againstOf = (
  url: string | undefined,
  token: string | undefined,
  pid: string | undefined,
): Against | undefined => {
  if (url === undefined) return undefined;
  if (token === undefined) throw new Error(`--against needs --token\n\n${usage}`);
  return { url: new URL(url), token, pid: pid === undefined ? undefined : numberOf(pid, 0) };
};
