/** What `coffer dev` makes in a cluster, as a table. Pure. */
import type { KubeObject, ObjectAt, Resource } from '../../contracts/kube.ts';
import { crds } from '../../kubernetes/api/crds.ts';
import { apiVersionOf, resources } from '../../kubernetes/api/resources.ts';
import { devName, kvMount, storeName } from './names.ts';

export interface DevObject {
  readonly resource: Resource;
  readonly object: KubeObject;
  /** The kinds themselves may have been there before; everything else bears our name. */
  readonly mayBeOfOthers: boolean;
}

const ownerLabel = 'app.kubernetes.io/managed-by';

/** An installation that is put over our kinds keeps our label; that it wrote them is what tells. */
const isTakenOver = ({ kind, metadata }: KubeObject): boolean =>
  kind === resources.customResourceDefinition.kind &&
  (metadata.managedFields ?? []).some(written => written.manager !== devName && written.subresource === undefined);

/** Only what bears the label is changed or taken away, and of the kinds those that nobody else has written. */
export const isOurs = (object: KubeObject): boolean =>
  object.metadata.labels?.[ownerLabel] === devName && !isTakenOver(object);

const marked = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, [ownerLabel]: devName } },
});

const ours = (resource: Resource, at: ObjectAt, body: object = {}): DevObject => ({
  resource,
  object: marked({
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: at.namespace === undefined ? { name: at.name } : { name: at.name, namespace: at.namespace },
    ...body,
  }),
  mayBeOfOthers: false,
});

const definitions: readonly DevObject[] = crds().map(crd => ({
  resource: resources.customResourceDefinition,
  object: marked(crd),
  mayBeOfOthers: true,
}));

const account = { name: devName, namespace: devName };

/**
 * It logs in with tokens that are good for this store alone, made when they are needed. Its controller class keeps other
 * operators from it: the address is one of this machine.
 */
const store = (address: string): object => ({
  spec: {
    controller: devName,
    provider: {
      vault: {
        server: address,
        path: kvMount,
        version: 'v2',
        auth: {
          kubernetes: {
            mountPath: devName,
            role: devName,
            serviceAccountRef: { ...account, audiences: [devName] },
          },
        },
      },
    },
  },
});

/** In the order in which they are made. `address`: of the store. */
export const devObjects = (address: string): readonly DevObject[] => [
  ...definitions,
  ours(resources.namespace, { name: devName }),
  ours(resources.serviceAccount, account),
  ours(resources.clusterSecretStore, { name: storeName }, store(address)),
];

/** Kinds that kubectl knows by a shorter name. */
const shortKinds: ReadonlyMap<string, string> = new Map([['CustomResourceDefinition', 'crd']]);

/** `serviceaccount/coffer-dev -n coffer-dev`: as kubectl takes it. */
export const shownName = ({ resource: { kind }, object: { metadata } }: DevObject): string =>
  `${shortKinds.get(kind) ?? kind.toLowerCase()}/${metadata.name}${metadata.namespace === undefined ? '' : ` -n ${metadata.namespace}`}`;
