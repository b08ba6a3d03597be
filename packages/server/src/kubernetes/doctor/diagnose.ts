/** The chain of checks, and the one answer that follows from what they found. Pure. */
import { condition, operator, reached, there } from './checks/cluster.ts';
import { entries } from './checks/entries.ts';
import { pods } from './checks/pods.ts';
import { secret } from './checks/secret.ts';
import { stores } from './checks/store.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

/** In the order of the way; each finds what it can of what is known. */
const checks: readonly ((evidence: Evidence) => readonly Finding[])[] = [
  reached,
  there,
  operator,
  condition,
  stores,
  entries,
  secret,
  pods,
];

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Where it stops; undefined: nowhere that could be seen. */
  readonly stop: Finding | undefined;
}

const isStop = ({ verdict }: Finding): boolean => verdict === 'stops';

/** The first thing that is plainly why; then what may be why, unless the Secret is right; then what follows from it. */
const stopOf = (findings: readonly Finding[]): Finding | undefined => {
  const plain = findings.find(one => isStop(one) && one.part !== 'symptom' && one.step !== 'pods');
  const isRight = findings.some(({ part }) => part === 'proof');
  const suspect = isRight ? undefined : findings.find(({ part }) => part === 'suspect');
  return plain ?? suspect ?? findings.find(isStop);
};

/** What follows from something before it is no news, and nothing to be done about by itself. */
const placed = (one: Finding, stop: Finding | undefined): Finding => {
  if (one === stop) return { ...one, verdict: 'stops' };
  return one.part === 'symptom' ? { ...one, verdict: 'warning', todo: undefined } : one;
};

export const diagnose = (evidence: Evidence): Diagnosis => {
  const found = checks.flatMap(check => check(evidence));
  const stop = stopOf(found);
  const findings = found.map(one => placed(one, stop));
  return { findings, stop: stop === undefined ? undefined : placed(stop, stop) };
};
