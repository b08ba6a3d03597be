/** The status of a store, and an event where it says something new. */
import type { Clock } from '../../../contracts/clock.ts';
import type { Kube, KubeObject, Resource } from '../../../contracts/kube.ts';
import { isNotFound } from '../../../platform/kube/error.ts';
import { resources } from '../../api/resources.ts';
import { withReady } from '../external-secret/status.ts';
import type { ToldEvent } from '../external-secret/verdict.ts';
import type { ObjectCache } from '../object-cache.ts';
import type { StoreOutcome } from './check-store.ts';
import { type SeenStore, seenStore } from './seen-store.ts';
import { storeKey, type StoreKind } from './store-key.ts';

export interface PublishParts {
  readonly kube: Pick<Kube, 'mergePatch'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly stores: ObjectCache<SeenStore>;
  readonly record: (object: KubeObject, event: ToldEvent) => void;
}

const resourceOf: { readonly [K in StoreKind]: Resource } = {
  SecretStore: resources.secretStore,
  ClusterSecretStore: resources.clusterSecretStore,
};

/** What the provider `vault` can do. */
const capabilities = 'ReadWrite';

const hasCapabilities = ({ object }: SeenStore): boolean =>
  (object['status'] as { readonly capabilities?: unknown } | undefined)?.capabilities === capabilities;

export const publishStore =
  ({ kube, clock, stores, record }: PublishParts) =>
  async (seen: SeenStore, outcome: StoreOutcome): Promise<void> => {
    const { object, name } = seen;
    const conditions = withReady(object, outcome, clock.now());
    if (conditions === undefined && hasCapabilities(seen)) return;
    const status = { capabilities, ...(conditions === undefined ? {} : { conditions }) };
    const at = { name: name.name, ...(name.namespace === '' ? {} : { namespace: name.namespace }) };
    try {
      const answer = await kube.mergePatch(resourceOf[name.kind], at, { patch: { status }, subresource: 'status' });
      stores.put(storeKey(name), seenStore(name.kind)(answer), 'answer');
    } catch (cause) {
      if (isNotFound(cause)) return;
      throw cause;
    }
    const { status: state, reason, message } = outcome;
    if (conditions !== undefined) record(object, { type: state === 'False' ? 'Warning' : 'Normal', reason, message });
  };
