/** What is held of an ExternalSecret: read once when it comes in, without what nobody here looks at. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { KubeObject } from '../../../contracts/kube.ts';
import type { ExternalSecretSpec } from '../../api/external-secret.ts';
import type { StoreRef } from '../../api/external-secret-data.ts';
import { parseExternalSecret } from '../../api/kinds.ts';
import { metadataHash } from '../go-text.ts';
import { lastAppliedAnnotation } from '../names.ts';
import type { Wanted } from './wanted.ts';

export type Read =
  | { readonly spec: ExternalSecretSpec; readonly unsupported: readonly string[] }
  /** Cannot be read: what is wrong, by path. */
  | { readonly problem: string };

export interface SeenExternalSecret {
  readonly resourceVersion: string;
  /** Changes with spec, labels and annotations. */
  readonly version: string;
  /** Metadata and status. */
  readonly object: KubeObject;
  readonly read: Read;
}

const readOf = (object: KubeObject): Read => {
  try {
    const { spec, unsupported } = parseExternalSecret(object);
    return { spec, unsupported };
  } catch (cause) {
    if (cause instanceof CofferError) return { problem: cause.publicMessage };
    throw cause;
  }
};

const slim = (object: KubeObject): KubeObject => {
  const { managedFields: _, annotations = {}, ...metadata } = object.metadata;
  const { [lastAppliedAnnotation]: _applied, ...kept } = annotations;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...metadata, annotations: kept },
    status: object['status'],
  };
};

/** `<generation>-<hash of labels and annotations>`: what is acted on. */
const syncedVersion = ({ generation, labels, annotations }: KubeObject['metadata']): string =>
  `${generation ?? 0}-${metadataHash({ annotations, labels })}`;

/** The API server counts the generation up with every change of the spec. */
const hasSameSpec = ({ metadata }: KubeObject, { object: before }: SeenExternalSecret): boolean =>
  metadata.generation !== undefined &&
  metadata.generation === before.metadata.generation &&
  metadata.uid === before.metadata.uid;

/** `before`: what was seen of it until now; its spec is not read again where it is the same. */
export const seenExternalSecret = (object: KubeObject, before?: SeenExternalSecret): SeenExternalSecret => ({
  resourceVersion: object.metadata.resourceVersion ?? '',
  version: syncedVersion(object.metadata),
  object: slim(object),
  read: before !== undefined && hasSameSpec(object, before) ? before.read : readOf(object),
});

export const targetName = ({ object, read }: SeenExternalSecret): string =>
  ('spec' in read ? read.spec.target.name : undefined) ?? object.metadata.name;

/** Every store that an entry is read from. */
export const storeRefs = ({ read }: SeenExternalSecret): readonly StoreRef[] => {
  if (!('spec' in read)) return [];
  const { secretStoreRef, data = [], dataFrom = [] } = read.spec;
  const own = [...data, ...dataFrom].flatMap(({ sourceRef }) => sourceRef?.storeRef ?? []);
  return secretStoreRef === undefined ? own : [secretStoreRef, ...own];
};

/** A shorter interval counts as this one: below it the store and the API server would do nothing else. */
const leastIntervalSeconds = 1;

export const wantedOf = (seen: SeenExternalSecret, spec: ExternalSecretSpec): Wanted => {
  const { namespace = '', name, uid = '' } = seen.object.metadata;
  const { creationPolicy, deletionPolicy, immutable } = spec.target;
  const { seconds } = spec.refreshInterval;
  return {
    namespace,
    name,
    uid,
    version: seen.version,
    target: targetName(seen),
    creationPolicy,
    deletionPolicy,
    immutable,
    refreshPolicy: spec.refreshPolicy,
    refreshIntervalMs: seconds === 0 ? 0 : Math.max(seconds, leastIntervalSeconds) * 1000,
  };
};
