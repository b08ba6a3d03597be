/** What an import did or would do, for people and for programs: paths, key names and counts, never values. */
import { table } from '../format/table.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import { jsonNumber } from '../format/json.ts';
import type { Action, Change } from './change.ts';
import type { Found } from './found.ts';
import type { Done } from './import.ts';
import { shown } from './names.ts';

export interface Outcome {
  readonly done: readonly Done[];
  readonly found: Found;
  readonly dryRun: boolean;
}

const count = (done: readonly Done[], action: Action): number =>
  done.filter(one => one.change.action === action).length;

const keysLimit = 20;

const keysOf = (change: Change): string => {
  const all = [
    ...change.added.map(key => `+${shown(key)}`),
    ...change.changed.map(key => `~${shown(key)}`),
    ...change.removed.map(key => `-${shown(key)}`),
    ...(change.facts && change.action === 'update' ? ['(metadata)'] : []),
  ];
  const more = all.length - keysLimit;
  return more > 0 ? `${all.slice(0, keysLimit).join(' ')} and ${more} more` : all.join(' ');
};

const summaryLine = ({ done, found, dryRun }: Outcome): string => {
  const would = dryRun ? 'would be ' : '';
  const parts = [
    `${count(done, 'create')} ${would}created`,
    `${count(done, 'update')} ${would}updated`,
    `${count(done, 'unchanged')} unchanged`,
    `${found.refused.length} refused`,
  ];
  return parts.join(', ');
};

export const tableOf = (outcome: Outcome): string => {
  const rows = outcome.done
    .filter(({ change }) => change.action !== 'unchanged')
    .map(({ path, change }) => [change.action, path, keysOf(change)]);
  const head = rows.length === 0 ? '' : `${table(['Action', 'Path', 'Keys'], rows)}\n\n`;
  return head + summaryLine(outcome);
};

const changeJson = ({ path, source, change }: Done): Json =>
  new Map<string, Json>([
    ['path', path],
    ['source', source],
    ['action', change.action],
    ['added', change.added],
    ['changed', change.changed],
    ['removed', change.removed],
    ['metadata', change.facts],
  ]);

export const jsonOf = (outcome: Outcome): Json =>
  new Map<string, Json>([
    ['dry_run', outcome.dryRun],
    ['created', jsonNumber(count(outcome.done, 'create'))],
    ['updated', jsonNumber(count(outcome.done, 'update'))],
    ['unchanged', jsonNumber(count(outcome.done, 'unchanged'))],
    ['secrets', outcome.done.map(changeJson)],
    [
      'refused',
      outcome.found.refused.map(
        ({ source, reason }) =>
          new Map([
            ['source', source],
            ['reason', reason],
          ]),
      ),
    ],
    ['skipped', new Map([...outcome.found.skipped].map(([why, amount]) => [why, jsonNumber(amount)]))],
  ]);

/** For standard error: what did not go in. */
export const remarks = ({ refused, skipped }: Found): string =>
  [
    ...[...skipped].map(([why, amount]) => `skipped ${amount}: ${why}\n`),
    ...refused.map(({ source, reason }) => `REFUSED ${source}: ${reason}\n`),
  ].join('');
