/** The objects of `coffer dev` in a cluster: looked at first, then made, mended or taken away. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Kube, KubeObject, Resource } from '../../contracts/kube.ts';
import { crdNameOf } from '../../kubernetes/api/crds.ts';
import { resources } from '../../kubernetes/api/resources.ts';
import { managedLabel, managedValue } from '../../kubernetes/operator/names.ts';
import { pause } from '../../platform/kube/back-off.ts';
import { isNotFound } from '../../platform/kube/error.ts';
import { devName, storeName } from './names.ts';
import { type DevObject, devObjects, isOurs, shownName } from './objects.ts';

export interface ClusterReach {
  readonly kube: Kube;
  readonly clock: Clock;
}

/** `left`: it is of others. */
export type Outcome = 'made' | 'changed' | 'kept' | 'left' | 'removed';

export interface Done {
  readonly outcome: Outcome;
  readonly one: DevObject;
  /** Address of the store that it named before, where that was another. */
  readonly formerAddress?: string;
}

const waitLimitMs = 60_000;
const lookEveryMs = 100;

/** Where the kind is not known to the cluster there are no objects of it. */
const found = async ({ kube }: ClusterReach, { resource, object }: DevObject): Promise<KubeObject | undefined> => {
  try {
    return await kube.get(resource, object.metadata);
  } catch (cause) {
    if (isNotFound(cause)) return undefined;
    throw cause;
  }
};

const until = async ({ clock }: ClusterReach, what: string, holds: () => Promise<boolean>): Promise<void> => {
  const endMs = clock.monotonic() + waitLimitMs;
  while (!(await holds())) {
    if (clock.monotonic() > endMs)
      throw new CofferError(
        'request_timeout',
        `${what} within ${waitLimitMs / 1000} s: look at the cluster, then try again`,
      );
    await pause(clock, lookEveryMs);
  }
};

interface Condition {
  readonly type?: unknown;
  readonly status?: unknown;
  readonly message?: unknown;
}

const conditionOf = (object: KubeObject | undefined, type: string): Condition | undefined => {
  const { conditions } = (object?.['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions?.find(one => one.type === type);
};

const isEstablished = (object: KubeObject | undefined): boolean =>
  conditionOf(object, 'Established')?.status === 'True';

/**
 * What is in the way, before anything is changed. Throws `usage`. Whose kinds are there already may have an operator that
 * works on the same objects: that is gone on with only where it is meant.
 */
export const checkOwners = async (reach: ClusterReach, isMeant: boolean): Promise<void> => {
  for (const one of devObjects('')) {
    const object = await found(reach, one);
    if (object === undefined || isOurs(object) || (one.mayBeOfOthers && isMeant)) continue;
    throw new CofferError(
      'usage',
      one.mayBeOfOthers
        ? `${shownName(one)} is in the cluster already, from another installation, whose operator may work on the same objects. Nothing was changed. Use another cluster, or add -yes: these kinds are then used as they are, and -clean leaves them.`
        : `${shownName(one)} is in the cluster already and was not made by coffer dev. Nothing was changed. Rename or delete it, then try again.`,
    );
  }
};

/** Of the store that a ClusterSecretStore names. */
const addressIn = (object: KubeObject): string | undefined => {
  const spec = object['spec'] as { readonly provider?: { readonly vault?: { readonly server?: unknown } } } | undefined;
  const server = spec?.provider?.vault?.server;
  return typeof server === 'string' ? server : undefined;
};

const put = async (reach: ClusterReach, one: DevObject): Promise<Done> => {
  const { resource, object } = one;
  const before = await found(reach, one);
  if (before !== undefined && !isOurs(before)) return { outcome: 'left', one };
  const after = await reach.kube.apply(resource, object, { fieldManager: devName, force: true });
  if (before === undefined) return { outcome: 'made', one };
  if (before.metadata.resourceVersion === after.metadata.resourceVersion) return { outcome: 'kept', one };
  const formerAddress = addressIn(before);
  const isOther = formerAddress !== undefined && formerAddress !== addressIn(object);
  return { outcome: 'changed', one, ...(isOther ? { formerAddress } : {}) };
};

/** Makes what is missing, mends what is not as it should be, and leaves what is right. `address`: of the store. */
export const setUpCluster = async (reach: ClusterReach, address: string, told: (done: Done) => void): Promise<void> => {
  for (const one of devObjects(address)) {
    told(await put(reach, one));
    if (one.resource === resources.customResourceDefinition)
      await until(reach, `${shownName(one)} was not established`, async () => isEstablished(await found(reach, one)));
  }
};

/** Whether ExternalSecrets that go are all the owners it has: with another one it stays, as the cluster itself would have it. */
const isOwned = ({ metadata }: KubeObject, uids: ReadonlySet<string | undefined>): boolean =>
  (metadata.ownerReferences ?? []).length > 0 && (metadata.ownerReferences ?? []).every(({ uid }) => uids.has(uid));

/**
 * The ExternalSecrets of kinds that go, and the Secrets they own: left to the cluster, these would stay, because it asks
 * for owners of a kind that it does not know any more.
 */
const takeExternalSecrets = async (reach: ClusterReach, told: (done: Done) => void): Promise<void> => {
  const { kube } = reach;
  const take = async (resource: Resource, object: KubeObject): Promise<void> => {
    const isThere = await kube.remove(resource, object.metadata, { uid: object.metadata.uid });
    if (isThere) told({ outcome: 'removed', one: { resource, object, mayBeOfOthers: false } });
  };
  const { items } = await kube.list(resources.externalSecret, { metadataOnly: true });
  for (const object of items) await take(resources.externalSecret, object);
  const uids = new Set(items.map(({ metadata }) => metadata.uid));
  const labelSelector = `${managedLabel}=${managedValue}`;
  const secrets = await kube.list(resources.secret, { labelSelector, metadataOnly: true });
  for (const object of secrets.items) if (isOwned(object, uids)) await take(resources.secret, object);
};

const areKindsOurs = async (reach: ClusterReach): Promise<boolean> => {
  const name = crdNameOf(resources.externalSecret);
  const object = await reach.kube.get(resources.customResourceDefinition, { name });
  return object !== undefined && isOurs(object);
};

/** Takes away what was made here, the newest first, with all that is of kinds made here, and waits until it is gone. */
export const takeFromCluster = async (reach: ClusterReach, told: (done: Done) => void): Promise<void> => {
  if (await areKindsOurs(reach)) await takeExternalSecrets(reach, told);
  for (const one of devObjects('').toReversed()) {
    const object = await found(reach, one);
    if (object === undefined) continue;
    if (!isOurs(object)) {
      told({ outcome: 'left', one });
      continue;
    }
    await reach.kube.remove(one.resource, object.metadata, { uid: object.metadata.uid });
    told({ outcome: 'removed', one });
  }
  for (const one of devObjects(''))
    await until(reach, `${shownName(one)} did not go`, async () => {
      const object = await found(reach, one);
      return object === undefined || !isOurs(object);
    });
};

const readyLimitMs = 20_000;

/** What the operator says of the store. Undefined: nothing within a time. */
export const storeCondition = async (
  reach: ClusterReach,
): Promise<{ readonly isReady: boolean; readonly message: string } | undefined> => {
  const endMs = reach.clock.monotonic() + readyLimitMs;
  for (;;) {
    const condition = conditionOf(await reach.kube.get(resources.clusterSecretStore, { name: storeName }), 'Ready');
    const isLate = reach.clock.monotonic() > endMs;
    if (condition?.status === 'True' || (isLate && condition !== undefined))
      return { isReady: condition.status === 'True', message: String(condition.message) };
    if (isLate) return undefined;
    await pause(reach.clock, lookEveryMs);
  }
};
