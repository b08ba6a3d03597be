/**
 * Which operations of the peer there are here, and which test used each with success. One that is only ever refused, on
 * purpose, is counted apart; what has no test is open, whatever the code says.
 * A peer's path is a line `/sys/mounts/{path}<tab>GET,POST<tab>[sudo]`; names of parameters do not matter.
 */
import type { Verb } from '../row.ts';
import { type AnyRow, type ServedRows, templatesOf } from './served.ts';

export interface Operation {
  /** Without parameter names: `/sys/mounts/{}`. */
  readonly path: string;
  readonly verb: Verb;
}

export interface CoverageEntry extends Operation {
  /** As the peer writes it, or as the row does where the peer has no such path. */
  readonly shown: string;
  readonly state: 'tested' | 'refused' | 'untested' | 'missing';
  readonly ours: boolean;
  readonly theirs: boolean;
  readonly tests: readonly string[];
  /** Tests that checked how it is refused. */
  readonly refusals: readonly string[];
}

const verbsByMethod: ReadonlyMap<string, Verb> = new Map([
  ['GET', 'read'],
  ['LIST', 'list'],
  ['SCAN', 'scan'],
  ['POST', 'write'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

/** `/sys/mounts/{path}/` → `/sys/mounts/{}`. */
export const pathShape = (path: string): string => path.replace(/\{[^{}]*\}/g, '{}').replace(/\/$/, '');

export const operationKey = ({ path, verb }: Operation): string => `${verb} ${path}`;

interface Shown extends Operation {
  readonly shown: string;
}

/** Lines that name no path with methods are passed over. */
export const peerOperations = (text: string): readonly Shown[] =>
  text.split('\n').flatMap(line => {
    const [path = '', methods = ''] = line.split('\t');
    if (!path.startsWith('/') || path.includes('^')) return [];
    const verbs = methods.split(/[,+]/).flatMap(method => verbsByMethod.get(method) ?? []);
    return verbs.map(verb => ({ path: pathShape(path), verb, shown: path }));
  });

const rowOperations = ({ mountPath }: ServedRows, row: AnyRow): readonly Shown[] =>
  [row.path, ...row.aliases].flatMap(path =>
    templatesOf(path).map(template => {
      const shown = `/${mountPath}${template}`.replace(/\/$/, '');
      return { path: pathShape(shown), verb: row.verb, shown };
    }),
  );

/** Names of tests by `operationKey`. */
export type TestNames = ReadonlyMap<string, readonly string[]>;

export interface CoverageInput {
  /** Text of the list of the peer's paths. */
  readonly peer: string;
  /** `mountPath` as in that list: `sys/`, `kv-v2/`. */
  readonly served: readonly ServedRows[];
  readonly tests: TestNames;
  readonly refusals: TestNames;
}

/** Every operation of the peer and of the rows, in the order of their paths. */
export const coverage = ({ peer, served, tests, refusals }: CoverageInput): readonly CoverageEntry[] => {
  const theirs = new Map(peerOperations(peer).map(operation => [operationKey(operation), operation]));
  const all = served.flatMap(mount => mount.rows.flatMap(row => rowOperations(mount, row)));
  const ours = new Map(all.map(operation => [operationKey(operation), operation]));
  const entries = [...new Map([...ours, ...theirs])].map(([key, operation]): CoverageEntry => {
    const here = ours.has(key);
    const used = here ? (tests.get(key) ?? []) : [];
    const refused = here ? (refusals.get(key) ?? []) : [];
    const state = here ? stateOf(used, refused) : 'missing';
    return { ...operation, state, ours: here, theirs: theirs.has(key), tests: used, refusals: refused };
  });
  return entries.toSorted((a, b) => (a.path === b.path ? compare(a.verb, b.verb) : compare(a.path, b.path)));
};

const stateOf = (used: readonly string[], refused: readonly string[]): CoverageEntry['state'] =>
  used.length > 0 ? 'tested' : refused.length > 0 ? 'refused' : 'untested';

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
