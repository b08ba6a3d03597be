/** Every object of a collection, now and as it changes, until the signal: through restarts of the server as well. */
import { setTimeout as wait } from 'node:timers/promises';
import type { KubeObject } from '../../../packages/server/src/contracts/kube.ts';
import type { Api } from './api.ts';

const retryMs = 100;

export interface Follow {
  readonly api: Api;
  /** `/api/v1/pods` */
  readonly collection: string;
  readonly signal: AbortSignal;
}

export type OnChange = (object: KubeObject, gone: boolean) => void;

export const keyOf = ({ metadata }: Pick<KubeObject, 'metadata'>): string => `${metadata.namespace}/${metadata.name}`;

const round = async ({ api, collection, signal }: Follow, known: Map<string, KubeObject>, onChange: OnChange) => {
  const list = await api.ask(collection);
  const items = (list['items'] ?? []) as readonly KubeObject[];
  const present = new Set(items.map(keyOf));
  for (const [key, object] of known) {
    if (present.has(key)) continue;
    known.delete(key);
    onChange(object, true);
  }
  const take = (object: KubeObject, gone: boolean): void => {
    if (gone) known.delete(keyOf(object));
    else known.set(keyOf(object), object);
    onChange(object, gone);
  };
  for (const item of items) take(item, false);
  const from = `${collection}?watch=true&resourceVersion=${list.metadata.resourceVersion}`;
  for await (const { type, object } of api.watch(from, signal)) {
    if (type === 'ERROR') return;
    if (type !== 'BOOKMARK') take(object, type === 'DELETED');
  }
};

export const follow = async (what: Follow, onChange: OnChange): Promise<void> => {
  const known = new Map<string, KubeObject>();
  while (!what.signal.aborted) {
    await round(what, known, onChange).catch(() => undefined);
    await wait(retryMs, undefined, { signal: what.signal }).catch(() => undefined);
  }
};
