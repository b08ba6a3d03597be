/** The Secret as it should be, and the one write that makes it so. Pure. */
import type { KubeObject, OwnerReference } from '../../../contracts/kube.ts';
import { apiVersionOf, resources } from '../../api/resources.ts';
import { dataHash } from '../go-text.ts';
import { createdBy, createdByLabel, dataHashAnnotation, fieldManager, managedLabel, managedValue } from '../names.ts';
import type { OwnFields, SeenSecret } from './seen-secret.ts';
import { isMerging, ownerOf, type Wanted } from './wanted.ts';

type Texts = ReadonlyMap<string, string>;
export type Data = ReadonlyMap<string, Uint8Array>;

/** What came of store and template. */
export interface Rendered {
  /** Undefined: whatever it is; a new one is `Opaque`. */
  readonly type: string | undefined;
  readonly data: Data;
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly finalizers: readonly string[];
}

/** A Secret that is there. Its values are known only where others' are to be kept. */
export interface Target {
  readonly seen: SeenSecret;
  readonly data?: Data | undefined;
}

export interface Desired extends Rendered {
  readonly immutable: boolean;
  readonly owner: OwnerReference | undefined;
}

const nothing: OwnFields = { data: [], labels: [], annotations: [] };

const ownOf = (wanted: Wanted, { seen }: Target): OwnFields => seen.own.get(fieldManager(wanted.name)) ?? nothing;

/** What others put into it stays where it is merged into. */
const kept = (wanted: Wanted, target: Target | undefined): Data => {
  if (target?.data === undefined || !isMerging(wanted)) return new Map();
  const own = new Set(ownOf(wanted, target).data);
  return new Map([...target.data].filter(([key]) => !own.has(key)));
};

export const desiredSecret = (wanted: Wanted, rendered: Rendered, target: Target | undefined): Desired => {
  const data = new Map([...kept(wanted, target), ...rendered.data]);
  const isOwner = wanted.creationPolicy === 'Owner';
  return {
    ...rendered,
    data,
    immutable: wanted.immutable,
    owner: isOwner ? ownerOf(wanted, apiVersionOf(resources.externalSecret)) : undefined,
    labels: new Map([
      ...rendered.labels,
      [managedLabel, managedValue],
      ...(isOwner ? [[createdByLabel, createdBy(wanted.namespace, wanted.name)] as const] : []),
    ]),
    annotations: new Map([...rendered.annotations, [dataHashAnnotation, dataHash(data)]]),
  };
};

const holds = (all: Texts, some: Texts): boolean => [...some].every(([name, value]) => all.get(name) === value);
const without = (names: readonly string[], wanted: ReadonlyMap<string, unknown>): readonly string[] =>
  names.filter(name => !wanted.has(name));
const among = (names: readonly string[], there: Texts): readonly string[] => names.filter(name => there.has(name));

/** Names that have to go: ours that are not wanted any more; of the data, where it is ours alone, every other one. */
const surplus = (wanted: Wanted, desired: Desired, target: Target): OwnFields => {
  const { seen } = target;
  const own = ownOf(wanted, target);
  return {
    data: without(isMerging(wanted) ? own.data.filter(key => seen.keys.includes(key)) : seen.keys, desired.data),
    labels: without(among(own.labels, seen.labels), desired.labels),
    annotations: without(among(own.annotations, seen.annotations), desired.annotations),
  };
};

/**
 * Owners as they should be; undefined: as they are. The reference of an ExternalSecret of the same name that was deleted
 * and made anew gives way to ours; whoever no longer wants to own leaves.
 */
const changedOwners = (
  { uid, name }: Wanted,
  { owner }: Desired,
  { owners }: SeenSecret,
): readonly OwnerReference[] | undefined => {
  const others = owners.filter(
    one => one.uid !== uid && (owner === undefined || one.kind !== owner.kind || one.name !== name),
  );
  const isOwner = owners.some(one => one.uid === uid && one.controller === true);
  if (owner === undefined) return others.length === owners.length ? undefined : others;
  return isOwner && others.length === owners.length - 1 ? undefined : [...others, owner];
};

export const isAsDesired = (wanted: Wanted, desired: Desired, target: Target): boolean => {
  const { seen } = target;
  const { labels, annotations } = surplus(wanted, desired, target);
  return (
    seen.hash === dataHash(desired.data) &&
    holds(seen.labels, desired.labels) &&
    holds(seen.annotations, desired.annotations) &&
    labels.length + annotations.length === 0 &&
    (seen.immutable || !desired.immutable) &&
    changedOwners(wanted, desired, seen) === undefined &&
    desired.finalizers.every(name => seen.finalizers.includes(name))
  );
};

const encoded = (data: Data): { readonly [key: string]: string } =>
  Object.fromEntries([...data].map(([key, bytes]) => [key, bytes.toBase64()]));

const nulls = (names: readonly string[]): { readonly [name: string]: null } =>
  Object.fromEntries(names.map(name => [name, null]));

export const newSecret = (wanted: Wanted, desired: Desired): KubeObject => ({
  apiVersion: apiVersionOf(resources.secret),
  kind: resources.secret.kind,
  metadata: {
    name: wanted.target,
    namespace: wanted.namespace,
    labels: Object.fromEntries(desired.labels),
    annotations: Object.fromEntries(desired.annotations),
    ...(desired.owner === undefined ? {} : { ownerReferences: [desired.owner] }),
    ...(desired.finalizers.length === 0 ? {} : { finalizers: desired.finalizers }),
  },
  type: desired.type ?? 'Opaque',
  ...(desired.immutable ? { immutable: true } : {}),
  data: encoded(desired.data),
});

/**
 * A merge patch (RFC 7386) rather than server-side apply: apply cannot take away what others added, nor what an earlier
 * operator wrote by updates. It holds for this very version of the Secret: if that has changed since, it is looked at anew.
 */
export const secretPatch = (wanted: Wanted, desired: Desired, target: Target): unknown => {
  const { seen } = target;
  const gone = surplus(wanted, desired, target);
  const owners = changedOwners(wanted, desired, seen);
  const finalizers = desired.finalizers.filter(name => !seen.finalizers.includes(name));
  return {
    metadata: {
      resourceVersion: seen.resourceVersion,
      labels: { ...nulls(gone.labels), ...Object.fromEntries(desired.labels) },
      annotations: { ...nulls(gone.annotations), ...Object.fromEntries(desired.annotations) },
      ...(owners === undefined ? {} : { ownerReferences: owners }),
      ...(finalizers.length === 0 ? {} : { finalizers: [...seen.finalizers, ...finalizers] }),
    },
    ...(desired.immutable && !seen.immutable ? { immutable: true } : {}),
    data: { ...nulls(gone.data), ...encoded(desired.data) },
  };
};
