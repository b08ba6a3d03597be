/** Where things lie in the API: the one place that makes its paths and queries. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { ObjectAt, Resource } from '../../contracts/kube.ts';

const segment = (text: string, what: string): string => {
  if (text === '' || text === '.' || text === '..' || text.includes('/'))
    throw new CofferError('invalid_request', `the ${what} of a Kubernetes object must be a name`);
  return encodeURIComponent(text);
};

/** `apps/v1`, `v1`. */
export const apiVersionOf = ({ group, version }: Resource): string => (group === '' ? version : `${group}/${version}`);

const rootOf = (resource: Resource): string =>
  resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;

/** Of one namespace, or of all. */
export const collectionPath = (resource: Resource, namespace: string | undefined): string =>
  resource.namespaced && namespace !== undefined
    ? `${rootOf(resource)}/namespaces/${segment(namespace, 'namespace')}/${resource.plural}`
    : `${rootOf(resource)}/${resource.plural}`;

/** Where new objects are posted to, and what an object's own path starts with. Throws where the namespace is missing. */
export const homePath = (resource: Resource, namespace: string | undefined): string =>
  collectionPath(resource, resource.namespaced ? (namespace ?? '') : undefined);

export const objectPath = (resource: Resource, at: ObjectAt, subresource?: string): string =>
  `${homePath(resource, at.namespace)}/${segment(at.name, 'name')}${subresource === undefined ? '' : `/${subresource}`}`;

export type Query = { readonly [name: string]: string | number | boolean | undefined };

/** With its question mark; '' where nothing is asked for. */
export const queryOf = (query: Query): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search.toString()}`;
};

/** `secrets team-a/db`, for messages. */
export const nameOf = (resource: Resource, at: ObjectAt): string =>
  `${resource.plural} ${at.namespace === undefined ? '' : `${at.namespace}/`}${at.name}`;
