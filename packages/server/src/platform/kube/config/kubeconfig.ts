/**
 * Kubeconfig files, merged as kubectl does: of two entries with one name the first file's counts, and the first
 * `current-context`. What a context names must be there.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { kindOf, readWhole } from '../../files/read.ts';
import { readYaml } from '../../yaml/read.ts';
import { kubeconfigFilesLimit, kubeconfigLimitBytes } from '../bounds.ts';
import { Fields } from './fields.ts';

/** The parts of the chosen context. */
export interface Chosen {
  readonly context: string;
  readonly cluster: Fields;
  /** Left out where the context names no user: requests are then anonymous. */
  readonly user: Fields | undefined;
  readonly namespace: string | undefined;
}

export interface KubeconfigFiles {
  /** In order of precedence. */
  readonly paths: readonly string[];
  /** Files named one by one must be there; of a search path those that are there count. */
  readonly mayBeMissing: boolean;
}

type Kind = 'context' | 'cluster' | 'user';
const kinds: readonly Kind[] = ['context', 'cluster', 'user'];

interface Merged {
  currentContext: string | undefined;
  readonly entries: { readonly [K in Kind]: Map<string, Fields> };
}

const addFile = (merged: Merged, fields: Fields): void => {
  merged.currentContext ??= fields.text('current-context');
  for (const kind of kinds) {
    const entries = merged.entries[kind];
    for (const entry of fields.list(`${kind}s`)) {
      const name = entry.need('name');
      const inner = entry.inner(kind);
      if (inner !== undefined && !entries.has(name)) entries.set(name, inner);
    }
  }
};

const present = async ({ paths, mayBeMissing }: KubeconfigFiles): Promise<readonly string[]> => {
  if (paths.length > kubeconfigFilesLimit)
    throw new CofferError('usage', `KUBECONFIG names more than ${kubeconfigFilesLimit} files`);
  if (!mayBeMissing) return paths;
  const found = await Promise.all(paths.map(kindOf));
  const kept = paths.filter((_, at) => found[at] !== 'none');
  if (kept.length === 0)
    throw new CofferError('usage', `no kubeconfig: there is none of ${paths.join(', ')}; name one, or set KUBECONFIG`);
  return kept;
};

const read = async (files: KubeconfigFiles): Promise<Merged> => {
  const merged: Merged = {
    currentContext: undefined,
    entries: { context: new Map(), cluster: new Map(), user: new Map() },
  };
  for (const path of await present(files)) {
    const value = readYaml(await readWhole(path, kubeconfigLimitBytes), path);
    if (value !== undefined) addFile(merged, new Fields(path, '', value));
  }
  return merged;
};

const shownLimit = 10;

const thereAre = (names: readonly string[]): string => {
  if (names.length === 0) return 'there is none at all';
  const more = names.length > shownLimit ? `, and ${names.length - shownLimit} more` : '';
  return `there are ${names.slice(0, shownLimit).join(', ')}${more}`;
};

/** `context`: another one than the current one. Throws `usage`. */
export const chooseContext = async (files: KubeconfigFiles, context: string | undefined): Promise<Chosen> => {
  const { entries, currentContext } = await read(files);
  const from = files.paths.join(', ');
  const name = context ?? currentContext;
  if (name === undefined)
    throw new CofferError('usage', `${from}: no current-context: set one with kubectl config use-context, or name one`);
  const fields = entries.context.get(name);
  if (fields === undefined)
    throw new CofferError('usage', `${from}: there is no context ${name}; ${thereAre([...entries.context.keys()])}`);
  const clusterName = fields.need('cluster');
  const cluster = entries.cluster.get(clusterName);
  if (cluster === undefined) throw fields.fault('cluster', `there is no cluster ${clusterName}`);
  const userName = fields.text('user');
  const user = userName === undefined ? undefined : entries.user.get(userName);
  if (userName !== undefined && user === undefined) throw fields.fault('user', `there is no user ${userName}`);
  return { context: name, cluster, user, namespace: fields.text('namespace') };
};
