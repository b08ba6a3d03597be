/** The ExternalSecret itself, what may have been meant instead, and who should act on it. */
import type { KubeAsker, KubeObject, KubeReader } from '../../../contracts/kube.ts';
import { isNotFound } from '../../../platform/kube/error.ts';
import { resources } from '../../api/resources.ts';
import { type SeenExternalSecret, seenExternalSecret } from '../../operator/external-secret/seen-external-secret.ts';
import type { LeaseSeen, Others } from '../evidence.ts';
import { loose, text } from '../loose.ts';
import { timeIn } from '../phrases.ts';
import { rightTo, seen, type Seen, valueOf } from '../seen.ts';

type Reader = Pick<KubeReader, 'get' | 'list'>;

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

const kind = resources.externalSecret;

export interface Sought {
  readonly found: Seen<SeenExternalSecret>;
  readonly isKindKnown: boolean;
}

export const seekExternalSecret = async (kube: Reader, at: Place): Promise<Sought> => {
  let isKindKnown = true;
  const found = await seen(rightTo('get', kind, at.namespace), async () => {
    try {
      const object = await kube.get(kind, at);
      return object === undefined ? undefined : seenExternalSecret(object);
    } catch (cause) {
      // An object that is not there is no error: this is a path that nothing serves.
      if (!isNotFound(cause)) throw cause;
      isKindKnown = false;
      return undefined;
    }
  });
  return { found, isKindKnown };
};

/** What may be listed of what is there. */
export const othersOf = async (kube: Reader, { namespace, name }: Place): Promise<Others> => {
  const [here, everywhere] = await Promise.all([
    seen(rightTo('list', kind, namespace), () => kube.list(kind, { namespace, metadataOnly: true })),
    seen(rightTo('list', kind, undefined), () =>
      kube.list(kind, { fieldSelector: `metadata.name=${name}`, metadataOnly: true }),
    ),
  ]);
  return {
    isKindKnown: true,
    names: (valueOf(here)?.items ?? []).map(({ metadata }) => metadata.name),
    namespaces: (valueOf(everywhere)?.items ?? []).flatMap(({ metadata }) => metadata.namespace ?? []),
  };
};

/** By which operators choose who acts, unless they are told another name. */
export const leaseName = 'external-secrets-controller';
const usualDurationSeconds = 15;

const leaseOf = ({ metadata, ...object }: KubeObject): LeaseSeen => {
  const spec = loose(object['spec']);
  const seconds = spec['leaseDurationSeconds'];
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    holder: text(spec['holderIdentity']),
    renewedAtMs: timeIn(spec['renewTime']),
    durationMs: (typeof seconds === 'number' ? seconds : usualDurationSeconds) * 1000,
  };
};

export const leasesOf = (kube: Reader): Promise<Seen<readonly LeaseSeen[]>> =>
  seen(rightTo('list', resources.lease, undefined), async () => {
    const { items } = await kube.list(resources.lease, { fieldSelector: `metadata.name=${leaseName}` });
    return items.map(leaseOf);
  });

/** Who the API server takes us for; undefined where it does not say. */
export const userOf = async (kube: KubeAsker): Promise<string | undefined> => {
  const question = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await seen({ verb: 'create', resource: 'selfsubjectreviews', namespace: undefined }, () =>
    kube.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', question),
  );
  return text(loose(loose(valueOf(answer)?.['status'])['userInfo'])['username']) || undefined;
};
