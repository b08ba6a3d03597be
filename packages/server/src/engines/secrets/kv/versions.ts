/** What happens to versions after they were written: deleted, undeleted, destroyed. Numbers that are not there are passed over. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Write } from '../../../contracts/storage.ts';
import { changeKey, type Decision } from './change.ts';
import type { KvCx } from './cx.ts';
import { eventOf, type Happening } from './events.ts';
import { isDeleted, type KeyMeta, valueKey, type VersionMeta, versionOf, withVersions } from './key-meta.ts';

type Kind = 'data-delete' | 'delete' | 'undelete' | 'destroy';

interface Step {
  readonly cx: KvCx;
  readonly path: string;
  readonly kind: Kind;
}

const happening = ({ path, kind }: Step, meta: KeyMeta): Happening => ({
  type: `kv-v2/${kind}`,
  path: `${kind === 'data-delete' ? 'data' : kind}/${path}`,
  ...(kind === 'undelete' ? { dataPath: `data/${path}` } : {}),
  modified: true,
  versions: meta,
});

interface Effect {
  readonly applies: (version: VersionMeta) => boolean;
  readonly change: (version: VersionMeta) => VersionMeta;
  readonly values?: (version: number) => Write;
}

const effectOf = ({ cx, path, kind }: Step): Effect => {
  const nowMs = cx.clock.now();
  if (kind === 'undelete')
    return {
      applies: version => !version.destroyed && version.deletionMs !== 0,
      change: version => ({ ...version, deletionMs: 0 }),
    };
  if (kind === 'destroy')
    return {
      applies: version => !version.destroyed,
      change: version => ({ ...version, destroyed: true }),
      values: version => ({ key: valueKey(path, version), value: undefined }),
    };
  return {
    applies: version => !version.destroyed && !isDeleted(version, nowMs),
    change: version => ({ ...version, deletionMs: nowMs }),
  };
};

const decide = (step: Step, meta: KeyMeta, numbers: readonly number[]): Decision<undefined> => {
  const { applies, change, values } = effectOf(step);
  const hit = numbers.filter(number => {
    const version = versionOf(meta, number);
    return version !== undefined && applies(version);
  });
  if (hit.length === 0) return { answer: undefined };
  const next: KeyMeta = { ...withVersions(meta, hit, change), updatedMs: step.cx.clock.now() };
  const event = eventOf(step.cx, happening(step, next));
  return { answer: undefined, change: { meta: next, values: values === undefined ? [] : hit.map(values), event } };
};

const nothing: Decision<undefined> = { answer: undefined };

export const deleteLatest = (cx: KvCx, path: string): Promise<undefined> =>
  changeKey(cx, path, meta =>
    meta === undefined ? nothing : decide({ cx, path, kind: 'data-delete' }, meta, [meta.currentVersion]),
  );

export interface VersionNumbers {
  readonly path: string;
  readonly versions: readonly number[] | undefined;
  readonly kind: Exclude<Kind, 'data-delete'>;
}

export const changeVersions = (cx: KvCx, { path, versions = [], kind }: VersionNumbers): Promise<undefined> => {
  if (versions.length === 0) throw new CofferError('invalid_request', 'No version number provided');
  const numbers = [...new Set(versions)];
  return changeKey(cx, path, meta => (meta === undefined ? nothing : decide({ cx, path, kind }, meta, numbers)));
};
