/** What `coffer operator migrate` is told by its files: two storages, which must not be one. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { StorageSettings } from '../configuration/configuration.ts';
import { Environment, type Variables } from '../configuration/environment.ts';
import { type Problem, Report } from '../configuration/problem.ts';
import { type ConfigurationSource, lineOf, parseSource } from '../configuration/read.ts';
import { readSettings, type Settings } from '../configuration/settings.ts';
import { readStanzas } from '../configuration/stanza.ts';
import { storageForm, storageOf } from '../configuration/storage.ts';

export interface Migration {
  readonly source: StorageSettings;
  readonly destination: StorageSettings;
  readonly warnings: readonly Problem[];
}

type Side = 'storage_source' | 'storage_destination';

interface Reading {
  readonly env: Environment;
  readonly report: Report;
}

const sideOf = (settings: Settings, side: Side, reading: Reading): StorageSettings | undefined => {
  const { report } = reading;
  const before = report.problems.length;
  const [first, second] = readStanzas(settings.blocks(side), storageForm, report);
  if (second !== undefined) report.add('error', second.origin, `only one "${side}" block is permitted`);
  if (first !== undefined) {
    const read = storageOf(first, reading);
    if (read?.type === 'inmem')
      report.add('error', first.origin, `${side}: memory keeps nothing: name another storage`);
    return read;
  }
  if (report.problems.length === before) report.missing(`"${side}" must be specified: ${side} "sqlite" { path = "…" }`);
  return undefined;
};

/** One place, whatever else is said of it. */
const placeOf = (settings: StorageSettings): string => {
  if (settings.type === 'inmem') return 'memory';
  if (settings.type === 'sqlite') return `sqlite ${settings.path}`;
  const { hosts, database } = settings.target;
  return JSON.stringify([hosts, database, settings.table]);
};

/** Throws `CofferError` `usage` with a line for every problem. */
export const readMigration = (sources: readonly ConfigurationSource[], variables: Variables): Migration => {
  const report = new Report(sources[0]?.name ?? '-config');
  const items = sources.flatMap(source => parseSource(source, report));
  const reading = { env: new Environment(variables), report };
  const settings = readSettings('migration', items, report);
  const source = sideOf(settings, 'storage_source', reading);
  const destination = sideOf(settings, 'storage_destination', reading);
  if (source === undefined || destination === undefined || report.hasErrors)
    throw new CofferError('usage', report.problems.map(lineOf).join('\n'));
  if (placeOf(source) === placeOf(destination))
    throw new CofferError('usage', 'storage_source and storage_destination are one and the same place');
  return { source, destination, warnings: report.problems };
};
