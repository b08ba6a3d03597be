/** Which operations the tests used, as noted by `test/coverage/observe.ts`, brought to the shapes of the rows' paths. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathShape, type TestNames } from '@coffer/schema/derive/coverage.ts';
import { type AnyRow, parameterOf, type ServedRows, templatesOf } from '@coffer/schema/derive/served.ts';

export interface UsedOperation {
  /** `file: title`. */
  readonly test: string;
  readonly verb: string;
  /** Below `/v1/`. */
  readonly path: string;
  /** Where the path's mount stands, where that is known. */
  readonly mount?: string | undefined;
  /** It refused, as it should: no success. */
  readonly refused?: boolean | undefined;
  /** The engine there, as `kv-v2/`, where its path does not show it. */
  readonly engine?: string | undefined;
}

/** Names kept for an operation: enough to find it, few enough to read. */
const testsLimit = 3;

/** First segments that only version 2 of `kv` has: a mount of kv does not say its version. */
const kv2Segments: ReadonlySet<string> = new Set([
  'config',
  'data',
  'metadata',
  'detailed-metadata',
  'delete',
  'undelete',
  'destroy',
  'subkeys',
]);
/** Auth methods where they are named after their type: at other paths it is not known which one was used. */
const fixedPlaces: readonly string[] = ['sys/', 'auth/token/', 'auth/kubernetes/', 'cubbyhole/'];

interface Placed {
  readonly peerMount: string;
  readonly inside: string;
}

const placeOf = ({ path: asked, mount, engine }: UsedOperation): Placed => {
  const fixed = fixedPlaces.find(place => asked.startsWith(place) || asked === place.slice(0, -1));
  if (fixed !== undefined) return { peerMount: fixed, inside: asked.slice(fixed.length) };
  if (asked.startsWith('auth/') && mount === undefined) return { peerMount: 'auth/', inside: asked };
  const prefix = mount ?? `${asked.split('/', 1)[0] ?? ''}/`;
  const inside = asked.slice(prefix.length);
  if (engine !== undefined) return { peerMount: engine, inside };
  return { peerMount: kv2Segments.has(inside.split('/', 1)[0] ?? '') ? 'kv-v2/' : 'kv-v1/', inside };
};

/** How exactly a path of a row fits: higher is better, literals first; undefined where it does not. */
const fit = (rowPath: string, template: string, inside: string): number | undefined => {
  const rests = new Set(
    rowPath.split('/').flatMap(segment => (parameterOf(segment)?.rest === true ? [parameterOf(segment)?.name] : [])),
  );
  const segments = template === '' ? [] : template.split('/');
  const pattern = segments.map(segment => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    return name === undefined ? segment.replace(/[^\w]/g, '\\$&') : rests.has(name) ? '.+' : '[^/]+';
  });
  if (!new RegExp(`^${pattern.join('/')}$`).test(inside)) return undefined;
  return segments.reduce(
    (sum, segment, index) => sum + (segment.startsWith('{') ? 0 : 2 ** (20 - index)),
    segments.length / 100,
  );
};

const candidates = (row: AnyRow): readonly (readonly [string, string])[] =>
  [row.path, ...row.aliases].flatMap(rowPath => templatesOf(rowPath).map(template => [rowPath, template] as const));

/** The operation of the rows that was used; undefined where none fits. */
export const operationOf = (
  served: readonly (ServedRows & { readonly peerMount: string })[],
  used: UsedOperation,
): string | undefined => {
  const { peerMount, inside } = placeOf(used);
  const bare = inside.replace(/\/$/, '');
  let best: { readonly key: string; readonly score: number } | undefined;
  for (const { rows } of served.filter(mount => mount.peerMount === peerMount)) {
    for (const [rowPath, template] of rows.filter(({ verb }) => verb === used.verb).flatMap(candidates)) {
      const score = fit(rowPath, template, bare);
      if (score === undefined || (best !== undefined && best.score >= score)) continue;
      best = { key: `${used.verb} ${pathShape(`/${peerMount}${template}`)}`, score };
    }
  }
  return best?.key;
};

export const readNotes = (folder: string): readonly UsedOperation[] =>
  readdirSync(folder)
    .filter(name => name.endsWith('.ndjson'))
    .flatMap(name => readFileSync(path.join(folder, name), 'utf8').split('\n'))
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as UsedOperation);

/** Names of tests that used an operation with success, and of those that saw it refused. */
export interface Used {
  readonly tests: TestNames;
  readonly refusals: TestNames;
}

const fileOf = (name: string): string => name.split(': ', 1)[0] ?? '';

const merged = (before: TestNames, found: TestNames, stays: (name: string) => boolean): TestNames =>
  new Map(
    [...new Set([...before.keys(), ...found.keys()])].flatMap(key => {
      const names = new Set([...(found.get(key) ?? []), ...(before.get(key) ?? []).filter(stays)]);
      return names.size === 0 ? [] : [[key, [...names].toSorted().slice(0, testsLimit)] as const];
    }),
  );

/** What was noted before and now, in order, a few names of each. A file that ran anew is believed anew. */
export const mergeUsed = (before: Used, found: Used): Used => {
  const ran = new Set([...found.tests.values(), ...found.refusals.values()].flat().map(fileOf));
  const stays = (name: string): boolean => !ran.has(fileOf(name));
  return {
    tests: merged(before.tests, found.tests, stays),
    refusals: merged(before.refusals, found.refusals, stays),
  };
};

/** Only what stands in a file that `has` is left. */
export const standingUsed = ({ tests, refusals }: Used, has: (file: string) => boolean): Used => {
  const stands = (name: string): boolean => has(fileOf(name));
  return { tests: merged(tests, new Map(), stands), refusals: merged(refusals, new Map(), stands) };
};

const namesOf = (served: Parameters<typeof operationOf>[0], notes: readonly UsedOperation[]): TestNames => {
  const found = new Map<string, Set<string>>();
  for (const note of notes) {
    const key = operationOf(served, note);
    if (key === undefined) continue;
    found.set(key, (found.get(key) ?? new Set()).add(note.test));
  }
  return new Map([...found].map(([key, names]) => [key, [...names].toSorted()]));
};

export const usedIn = (served: Parameters<typeof operationOf>[0], notes: readonly UsedOperation[]): Used => ({
  tests: namesOf(
    served,
    notes.filter(({ refused }) => refused !== true),
  ),
  refusals: namesOf(
    served,
    notes.filter(({ refused }) => refused === true),
  ),
});
