/** `storage`: exactly one, the last file's. */
import type { StorageSettings } from './configuration.ts';
import type { Environment } from './environment.ts';
import type { Report } from './problem.ts';
import { postgresOf } from './storage-postgres.ts';
import { type Placed } from './settings.ts';
import { readStanzas, type Stanza } from './stanza.ts';

export const storageForm = { name: 'storage', labels: 1, bodyOf: (type: string): string => `storage ${type}` };
const fileName = 'coffer.db';

const pathOf = (stanza: Stanza, report: Report): string | undefined => {
  const path = stanza.settings.text('path');
  if (path === undefined || path === '')
    report.add('error', stanza.origin, `storage "${stanza.type}": "path" must be set`);
  return path === '' ? undefined : path;
};

interface Reading {
  readonly env: Environment;
  readonly report: Report;
}

/** What one block says. */
export const storageOf = (stanza: Stanza, { env, report }: Reading): StorageSettings | undefined => {
  if (stanza.type === 'postgresql') return postgresOf(stanza, { env, report });
  if (stanza.type === 'inmem') {
    report.add(
      'warning',
      stanza.origin,
      'storage "inmem" keeps nothing when the process ends: do not use it in production',
    );
    return { type: 'inmem' };
  }
  const path = pathOf(stanza, report);
  if (path === undefined) return undefined;
  if (stanza.type === 'sqlite') return { type: 'sqlite', path };
  const database = `${path.replace(/\/$/, '')}/${fileName}`;
  report.add(
    'warning',
    stanza.origin,
    `storage "file" is a SQLite database here, "${fileName}" in "path": write storage "sqlite" { path = "…/${fileName}" }; records of another server are not read`,
  );
  return { type: 'sqlite', path: database };
};

/** Of several files the last one's storage counts; in one file there may be only one. */
const theOne = (stanzas: readonly Stanza[], report: Report): Stanza | undefined => {
  const last = stanzas.at(-1);
  for (const stanza of stanzas.slice(0, -1)) {
    if (stanza.origin.file === last?.origin.file)
      report.add('error', last.origin, 'only one "storage" block is permitted');
    else report.add('warning', stanza.origin, 'this storage is replaced by that of a later file');
  }
  return last;
};

export const readStorage = (items: readonly Placed[], reading: Reading): StorageSettings | undefined => {
  const { report } = reading;
  const before = report.problems.length;
  const stanza = theOne(readStanzas(items, storageForm, report), report);
  if (stanza !== undefined) return storageOf(stanza, reading);
  if (report.problems.length === before)
    report.missing(
      'a storage backend must be specified: add storage "sqlite" { path = "…" }, or storage "postgresql" { connection_url = "…" }',
    );
  return undefined;
};
