/** Everything there is to know of the way of one ExternalSecret, as far as whoever asks may know it. Changes nothing. */
import type { Log } from '../../../contracts/log.ts';
import { Renderer, type Rendering } from '../../operator/external-secret/render.ts';
import { type SeenExternalSecret, storeRefs, wantedOf } from '../../operator/external-secret/seen-external-secret.ts';
import { storeKey, storeNamed } from '../../operator/store/store-key.ts';
import type { Evidence, JudgePolicies } from '../evidence.ts';
import { leasesOf, othersOf, type Place, seekExternalSecret, userOf } from './cluster.ts';
import { lookAtEntries } from './entries.ts';
import { podsUsing, workloadsUsing } from './pods.ts';
import { lookAtSecret } from './secret.ts';
import { lookAtStore, type OpenStore, type StoreLook, type StoreSeen } from './store.ts';

export interface GatherParts extends Omit<StoreLook, 'user' | 'namespace'> {
  /** The API server's URL. */
  readonly server: string;
  readonly log: Log;
  readonly judge: JudgePolicies;
  readonly rendering: Rendering;
}

type Found = Pick<Evidence, 'stores' | 'entries' | 'secret' | 'pods' | 'workloads'>;

const nothing: Found = { stores: [], entries: [], secret: undefined, pods: undefined, workloads: [] };

const storesOf = (look: StoreLook, found: SeenExternalSecret): Promise<readonly StoreSeen[]> => {
  const names = new Map(
    storeRefs(found)
      .map(ref => storeNamed(ref, look.namespace))
      .map(name => [storeKey(name), name]),
  );
  return Promise.all([...names.values()].map(name => lookAtStore(look, name)));
};

/** Along the way, each part with what the ones before it gave. */
const follow = async (parts: GatherParts, look: StoreLook, found: SeenExternalSecret): Promise<Found> => {
  if (!('spec' in found.read)) return nothing;
  const { kube, clock, log, judge, rendering } = parts;
  const { spec } = found.read;
  const { namespace } = look;
  const wanted = wantedOf(found, spec);
  const seenStores = await storesOf(look, found);
  const open = seenStores.flatMap(({ evidence, open: one }): readonly (readonly [string, OpenStore])[] =>
    one === undefined ? [] : [[storeKey(evidence.name), one]],
  );
  const { evidence: entries, data } = await lookAtEntries({
    namespace,
    spec,
    stores: new Map(open),
    clock,
    log,
    judge,
  });
  const renderer = new Renderer(rendering);
  const secret = await lookAtSecret({ kube, renderer, externalSecret: found, wanted, data });
  const place = { namespace, secret: wanted.target };
  const [pods, workloads] = await Promise.all([podsUsing(kube, place), workloadsUsing(kube, place)]);
  await Promise.all(open.map(([, { inspector }]) => inspector.close()));
  return { stores: seenStores.map(({ evidence }) => evidence), entries, secret, pods, workloads };
};

export const gather = async (parts: GatherParts, at: Place): Promise<Evidence> => {
  const { kube, clock, server } = parts;
  const { found, isKindKnown } = await seekExternalSecret(kube, at);
  const isReached = found.kind !== 'failed';
  const user = isReached ? await userOf(kube) : undefined;
  const base = { nowMs: clock.now(), server, user, ...at, externalSecret: found };
  if (found.kind !== 'there') {
    const others = found.kind === 'absent' && isKindKnown ? await othersOf(kube, at) : undefined;
    const known = isKindKnown ? others : { isKindKnown, names: [], namespaces: [] };
    return { ...base, others: known, lease: undefined, ...nothing };
  }
  const lease = await leasesOf(kube);
  const more = await follow(parts, { ...parts, user, namespace: at.namespace }, found.value);
  return { ...base, others: undefined, lease, ...more };
};
