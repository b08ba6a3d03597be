/** Metrics as JSON, in the form that other servers of this API answer: gauges, counters, and samples with sum and mean. */
import type { Out } from '@coffer/schema/out.ts';
import type { Family, Sample } from './family.ts';

type Told = { readonly [name: string]: Out };

/** `vault_core_unsealed` → `vault.core.unsealed`: the first two underscores are dots in that form. */
const dotted = (name: string): string => {
  const [area = '', part, ...rest] = name.split('_');
  return part === undefined ? area : [area, part, ...(rest.length === 0 ? [] : [rest.join('_')])].join('.');
};

const labelsOf = ({ labels }: Sample): Told => Object.fromEntries(labels);

const aggregate = (name: string, count: number, sum: number): Told => ({
  Name: dotted(name),
  Count: count,
  Sum: sum,
  Mean: count === 0 ? 0 : sum / count,
  Labels: {},
});

const measured = ({ name, samples }: Family): Told => {
  const valueOf = (suffix: string): number => samples.find(sample => sample.suffix === suffix)?.value ?? 0;
  return aggregate(name, valueOf('_count'), valueOf('_sum'));
};

const oneByOne = (families: readonly Family[], type: Family['type']): readonly (Told & { readonly Name: string })[] =>
  families
    .filter(family => family.type === type)
    .flatMap(({ name, samples }) =>
      samples.map(sample => ({ Name: dotted(name), Value: sample.value, Labels: labelsOf(sample) })),
    );

/** `2026-01-01 00:00:00 +0000 UTC` */
const timestamp = (nowMs: number): string => {
  const iso = new Date(nowMs).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} +0000 UTC`;
};

export const metricsJson = (families: readonly Family[], nowMs: number): Told => ({
  Timestamp: timestamp(nowMs),
  Gauges: oneByOne(families, 'gauge'),
  Points: [],
  Counters: oneByOne(families, 'counter').map(({ Name, Value, Labels }) => ({
    Name,
    Count: Value,
    Sum: Value,
    Labels,
  })),
  Samples: families.filter(({ type }) => type === 'histogram' || type === 'summary').map(measured),
});
