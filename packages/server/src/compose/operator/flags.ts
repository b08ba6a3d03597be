/** The flags of `coffer operator`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { DurationError, parseDuration } from '@coffer/schema/duration.ts';
import type { LogLevel } from '../../contracts/log.ts';
import { type HostPort, hostPort } from '../configuration/address.ts';
import { BadValue } from '../configuration/problem.ts';
import { type FlagRow, type Flags, flagsHelp, parseFlags } from '../flags.ts';
import type { OperatorListeners } from './listener.ts';

const defaults = {
  controllerClass: 'default',
  concurrent: 16,
  leaderElectionId: 'external-secrets-controller',
  storeRequeueInterval: '5m',
} as const;

const rows = [
  { name: 'kubeconfig', value: 'PATH', summary: 'The cluster to work in (default: the one this runs in)' },
  { name: 'context', value: 'NAME', summary: 'Which context of the kubeconfig (default: its current one)' },
  { name: 'namespace', value: 'NAME', summary: 'Work in this namespace only, without stores of the cluster' },
  {
    name: 'controller-class',
    value: 'NAME',
    summary: `Act on stores whose spec.controller is empty or this (default: ${defaults.controllerClass})`,
  },
  {
    name: 'concurrent',
    value: 'NUMBER',
    summary: `How many ExternalSecrets are worked on at once (default: ${defaults.concurrent})`,
  },
  {
    name: 'enable-leader-election',
    value: 'BOOL',
    summary: 'Of several replicas one acts (default: true in a cluster, false with -kubeconfig)',
  },
  {
    name: 'leader-election-id',
    value: 'NAME',
    summary: `Name of the Lease by which one is chosen (default: ${defaults.leaderElectionId})`,
  },
  {
    name: 'store-requeue-interval',
    value: 'DURATION',
    summary: `How often stores are checked that do not say themselves (default: ${defaults.storeRequeueInterval})`,
  },
  { name: 'health-address', value: 'HOST:PORT', summary: 'Answer /healthz and /readyz there (default: nowhere)' },
  { name: 'metrics-address', value: 'HOST:PORT', summary: 'Answer /metrics there (default: nowhere)' },
  { name: 'log-level', value: 'LEVEL', summary: 'trace, debug, info, warn or error (default: info)' },
  { name: 'log-format', value: 'FORMAT', summary: 'standard or json' },
  { name: 'help', value: undefined, summary: 'Show this' },
] as const satisfies readonly FlagRow[];

type OperatorFlag = (typeof rows)[number]['name'];

export interface OperatorSettings {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
  readonly controllerClass: string;
  readonly concurrency: number;
  /** Undefined: as it is usual where this runs. */
  readonly leaderElection: boolean | undefined;
  readonly leaderElectionId: string;
  readonly storeRequeueMs: number;
  readonly listeners: OperatorListeners;
  readonly logLevel: LogLevel;
  readonly logFormat: 'standard' | 'json';
}

const concurrencyLimit = 256;
const leastRequeueSeconds = 1;
const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];
const truths: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

const wrong = (name: OperatorFlag, expected: string): CofferError =>
  new CofferError('usage', `coffer operator: -${name}: expected ${expected}`);

const oneOf = <T extends string>(flags: Flags<OperatorFlag>, name: OperatorFlag, all: readonly [T, ...T[]]): T => {
  const given = flags.get(name) ?? all[0];
  const found = all.find(one => one === given);
  if (found === undefined) throw wrong(name, all.join(', '));
  return found;
};

const concurrencyOf = (flags: Flags<OperatorFlag>): number => {
  const text = flags.get('concurrent') ?? String(defaults.concurrent);
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || number < 1 || number > concurrencyLimit)
    throw wrong('concurrent', `a number from 1 to ${concurrencyLimit}`);
  return number;
};

const requeueMsOf = (flags: Flags<OperatorFlag>): number => {
  try {
    const seconds = parseDuration(flags.get('store-requeue-interval') ?? defaults.storeRequeueInterval);
    if (seconds >= leastRequeueSeconds) return seconds * 1000;
  } catch (cause) {
    if (!(cause instanceof DurationError)) throw cause;
  }
  throw wrong('store-requeue-interval', `a duration such as 5m, at least ${leastRequeueSeconds}s`);
};

const electionOf = (flags: Flags<OperatorFlag>): boolean | undefined => {
  const given = flags.get('enable-leader-election');
  if (given === undefined) return undefined;
  const truth = truths.get(given);
  if (truth === undefined) throw wrong('enable-leader-election', 'true or false');
  return truth;
};

const addressForm = 'host:port, such as 127.0.0.1:8082';

/** Without a host: this machine alone. */
const addressOf = (flags: Flags<OperatorFlag>, name: 'health-address' | 'metrics-address'): HostPort | undefined => {
  const given = flags.get(name);
  if (given === undefined) return undefined;
  // No port is usual here, and that of a store least of all.
  if (!/:[0-9]+$/.test(given)) throw wrong(name, addressForm);
  try {
    const { host, port } = hostPort(given);
    return { host: host === '' ? '127.0.0.1' : host, port };
  } catch (cause) {
    if (cause instanceof BadValue) throw wrong(name, addressForm);
    throw cause;
  }
};

const levelOf = (flags: Flags<OperatorFlag>): LogLevel => {
  const found = levels.find(level => level === (flags.get('log-level') ?? 'info'));
  if (found === undefined) throw wrong('log-level', levels.join(', '));
  return found;
};

/** Undefined: help is asked for. Throws `usage`. */
export const parseOperatorFlags = (argv: readonly string[]): OperatorSettings | undefined => {
  const flags = parseFlags('coffer operator', rows, argv);
  if (flags.has('help')) return undefined;
  return {
    kubeconfig: flags.get('kubeconfig'),
    context: flags.get('context'),
    namespace: flags.get('namespace'),
    controllerClass: flags.get('controller-class') ?? defaults.controllerClass,
    concurrency: concurrencyOf(flags),
    leaderElection: electionOf(flags),
    leaderElectionId: flags.get('leader-election-id') ?? defaults.leaderElectionId,
    storeRequeueMs: requeueMsOf(flags),
    listeners: { health: addressOf(flags, 'health-address'), metrics: addressOf(flags, 'metrics-address') },
    logLevel: levelOf(flags),
    logFormat: oneOf(flags, 'log-format', ['standard', 'json']),
  };
};

export const operatorHelp = (): string =>
  `Usage: coffer operator -kubeconfig=PATH [-context=NAME]\n\nMakes Kubernetes Secrets of what lies in stores, and keeps them in step. In a cluster it needs no flags.\n\n${flagsHelp(rows)}`;
