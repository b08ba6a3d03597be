/** Every row of the store as something that can be asked: where it answers, by which methods, with which good body. */
import type { Kind } from '@coffer/schema/fields/kind.ts';
import { parameterOf } from '@coffer/schema/derive/served.ts';
import type { Row, Verb } from '@coffer/schema/row.ts';
import { systemRows } from '../../packages/server/src/core/system/rows.ts';
import { tokenRows } from '../../packages/server/src/core/tokens/rows.ts';
import type { Engine } from '../../packages/server/src/contracts/engine.ts';
import { engines } from '../../packages/server/src/engines/registry.ts';
import { type Bed, type BedOptions, openBed } from './bed.ts';

type AnyRow = Row<never>;

export interface Place {
  readonly row: AnyRow;
  /** Where the mount stands, with its `/`. */
  readonly mount: string;
  /** Below `/v1/`, parameters filled in. */
  readonly path: string;
}

const mountOf = ({ kind, type, variant }: Engine): string => {
  if (kind === 'auth') return `auth/${type}/`;
  return type === 'cubbyhole' ? 'cubbyhole/' : variant?.value === '2' ? 'secret/' : 'one/';
};

export interface EngineMount {
  readonly mount: string;
  /** What makes another of the same. */
  readonly body: object;
}

/** Every engine that can be mounted again. */
export const engineMounts: readonly EngineMount[] = engines
  .filter(({ type }) => type !== 'cubbyhole')
  .map(engine => ({
    mount: mountOf(engine),
    body: {
      type: engine.type,
      ...(engine.variant === undefined ? {} : { options: { [engine.variant.option]: engine.variant.value } }),
    },
  }));

const mounted: readonly (readonly [mount: string, rows: readonly AnyRow[]])[] = [
  ['sys/', systemRows],
  ['auth/token/', tokenRows],
  ...engines.map(engine => [mountOf(engine), engine.rows as readonly AnyRow[]] as const),
];

/** `a/:b/:c*` with its parameters filled in; twice where the last may be left out. */
const filled = (path: string): readonly string[] => {
  const segments = path.split('/');
  const parameter = parameterOf(segments.at(-1) ?? '');
  const full = segments.map(segment => {
    const found = parameterOf(segment);
    return found === undefined ? segment : found.rest ? 'some/where' : 'some';
  });
  return parameter?.optional === true ? [full.join('/'), full.slice(0, -1).join('/')] : [full.join('/')];
};

export const places: readonly Place[] = mounted.flatMap(([mount, rows]) =>
  rows.flatMap(row =>
    [row.path, ...row.aliases].flatMap(path =>
      filled(path).map(inside => ({ row, mount, path: `${mount}${inside}`.replace(/\/$/, '') })),
    ),
  ),
);

export const nameOf = ({ row, path }: Place): string => `${row.verb} ${path}`;

/** Method and what is added to the path. */
export type Way = readonly [method: string, query: string];

const waysByVerb: { readonly [V in Verb]: readonly Way[] } = {
  read: [
    ['GET', ''],
    ['HEAD', ''],
  ],
  write: [
    ['POST', ''],
    ['PUT', ''],
  ],
  patch: [['PATCH', '']],
  delete: [['DELETE', '']],
  list: [
    ['LIST', ''],
    ['LIST', '?limit=0'],
    ['LIST', '?limit=-1'],
    ['LIST', '?limit=max&after=a'],
    ['GET', '?list=true'],
    ['GET', '?list=1&limit=-1'],
  ],
  scan: [
    ['SCAN', ''],
    ['SCAN', '?limit=0'],
    ['SCAN', '?limit=-1'],
    ['GET', '?scan=true'],
  ],
};

export const waysOf = ({ row }: Place): readonly Way[] => waysByVerb[row.verb];

/** The policy words for a verb. A write may be either. */
export const capabilitiesOf = ({ row }: Place): readonly string[] =>
  row.verb === 'write' ? ['create', 'update'] : [row.verb];

/** As policies see it: listings end in a slash. */
export const policyPath = ({ row, path }: Place): string =>
  row.verb === 'list' || row.verb === 'scan' ? `${path}/` : path;

const plainValues: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['string', 'x'],
  ['secret', 'x'],
  ['name', 'x'],
  ['path', 'x'],
]);

const plain = (kind: Kind<unknown>): unknown => plainValues.get(kind.name) ?? 1;

/** What the row cannot do without. */
export const goodBody = ({ row, path }: Place): object | undefined => {
  if (row.verb !== 'write' && row.verb !== 'patch') return undefined;
  const inPath = new Set(row.path.split('/').flatMap(segment => parameterOf(segment)?.name ?? []));
  const needed = Object.entries(row.in).filter(([name, field]) => field.required && !inPath.has(name));
  const body = Object.fromEntries(needed.map(([name, field]) => [name, plain(field.kind)]));
  return path.startsWith('secret/data/') ? { ...body, data: {} } : body;
};

/** A store with a mount of every engine, and, where asked, the rows that key holders may call without a token. */
export const openFull = async (options: BedOptions = {}): Promise<Bed> => {
  const bed = await openBed(options);
  await bed.root('POST', 'sys/mounts/one', { type: 'kv', options: { version: '1' } });
  await bed.root('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  return bed;
};

/** A token with this policy text and nothing else. */
export const tokenWith = async (bed: Bed, text: string, more: object = {}): Promise<string> => {
  const name = `p${bed.core.random.bytes(6).toHex()}`;
  const put = await bed.root('PUT', `sys/policies/acl/${name}`, { policy: text });
  if (put.status !== 204) throw new Error(put.text);
  const made = await bed.root('POST', 'auth/token/create', { policies: [name], no_default_policy: true, ...more });
  if (made.status !== 200) throw new Error(made.text);
  return made.json.auth.client_token;
};
