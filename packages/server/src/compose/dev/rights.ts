/** Whether whoever the kubeconfig names may do what `coffer dev` does: asked for all of it before anything is changed. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { KubeAsker, Resource } from '../../contracts/kube.ts';
import { operatorRights } from '../../kubernetes/api/rbac.ts';
import { resources } from '../../kubernetes/api/resources.ts';
import { devObjects } from './objects.ts';

interface Asked {
  readonly resource: Resource;
  readonly subresource?: string;
  readonly verb: string;
  readonly namespace?: string | undefined;
}

const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

const onObjects = (verbs: readonly string[]): readonly Asked[] =>
  devObjects('').flatMap(({ resource, object }) =>
    verbs.map(verb => ({ resource, verb, namespace: object.metadata.namespace })),
  );

const ofOperator: readonly Asked[] = operatorRights
  .filter(({ where }) => where === 'cluster')
  .flatMap(({ resource, subresource, verbs }) =>
    verbs.map(verb => (subresource === undefined ? { resource, verb } : { resource, subresource, verb })),
  );

export const rightsToSetUp: readonly Asked[] = [...onObjects(['get', 'create', 'patch']), ...ofOperator];
export const rightsToTakeAway: readonly Asked[] = [
  ...onObjects(['get', 'delete']),
  { resource: resources.externalSecret, verb: 'list' },
  { resource: resources.externalSecret, verb: 'delete' },
  { resource: resources.secret, verb: 'list' },
  { resource: resources.secret, verb: 'delete' },
];

const shown = ({ resource: { plural, group }, subresource, verb, namespace }: Asked): string => {
  const name = `${plural}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  return `${verb} ${name}${namespace === undefined ? '' : ` in ${namespace}`}`;
};

const isAllowed = async (kube: KubeAsker, { resource, subresource, verb, namespace }: Asked): Promise<boolean> => {
  const { group, plural } = resource;
  const answer = await kube.ask(reviews, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { group, resource: plural, subresource, verb, namespace } },
  });
  return (answer['status'] as { readonly allowed?: unknown } | undefined)?.allowed === true;
};

/** Each once. Throws `permission_denied`, naming all that is missing. */
export const checkRights = async (kube: KubeAsker, wanted: readonly Asked[], context: string): Promise<void> => {
  const byName = new Map(wanted.map(asked => [shown(asked), asked]));
  const asked = [...byName].map(async ([name, one]) => ((await isAllowed(kube, one)) ? [] : [name]));
  const missing = (await Promise.all(asked)).flat();
  if (missing.length > 0)
    throw new CofferError(
      'permission_denied',
      `The user of context "${context}" may not do what is needed; nothing was changed. Missing:\n${missing.map(name => `    ${name}\n`).join('')}Use a context whose user may (-context=NAME), such as one with the ClusterRole cluster-admin.`,
    );
};
