/** Which operations the tests used, as noted by `test/coverage/observe.ts`, brought to the shapes of the rows' paths. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathShape } from '@coffer/schema/derive/coverage.ts';
import { type AnyRow, parameterOf, type ServedRows, templatesOf } from '@coffer/schema/derive/served.ts';

export interface UsedOperation {
  /** `file: title`. */
  readonly test: string;
  readonly verb: string;
  /** Below `/v1/`. */
  readonly path: string;
  /** Where the path's mount stands, where that is known. */
  readonly mount?: string | undefined;
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
const fixedPlaces: readonly string[] = ['sys/', 'auth/token/', 'cubbyhole/'];

interface Placed {
  readonly peerMount: string;
  readonly inside: string;
}

const placeOf = ({ path: asked, mount, engine }: UsedOperation): Placed => {
  const fixed = fixedPlaces.find(place => asked.startsWith(place) || asked === place.slice(0, -1));
  if (fixed !== undefined) return { peerMount: fixed, inside: asked.slice(fixed.length) };
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

export type Tests = ReadonlyMap<string, readonly string[]>;

/** Old names and new ones together, in order, a few of each. */
export const mergeTests = (before: Tests, found: Tests): Tests =>
  new Map(
    [...new Set([...before.keys(), ...found.keys()])].map(key => {
      const names = new Set([...(found.get(key) ?? []), ...(before.get(key) ?? [])]);
      return [key, [...names].toSorted().slice(0, testsLimit)];
    }),
  );

export const testsOf = (served: Parameters<typeof operationOf>[0], notes: readonly UsedOperation[]): Tests => {
  const found = new Map<string, Set<string>>();
  for (const note of notes) {
    const key = operationOf(served, note);
    if (key === undefined) continue;
    found.set(key, (found.get(key) ?? new Set()).add(note.test));
  }
  return new Map([...found].map(([key, names]) => [key, [...names].toSorted()]));
};
