/** Metrics in the text format of Prometheus, version 0.0.4. */
import type { Family, Sample } from './family.ts';

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\n', '\\n'],
]);
const escaped = (value: string): string => value.replace(/[\\"\n]/g, found => escapes.get(found) ?? found);

const labelsOf = ({ labels }: Sample): string =>
  labels.length === 0 ? '' : `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;

export const prometheusText = (families: readonly Family[]): string =>
  families
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}\n`,
      `# TYPE ${name} ${type}\n`,
      ...samples.map(sample => `${name}${sample.suffix ?? ''}${labelsOf(sample)} ${sample.value}\n`),
    ])
    .join('');
