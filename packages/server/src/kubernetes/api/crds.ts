/** The kinds as CustomResourceDefinitions, for the API server to check and to fill in what is not set. */
import type { KubeObject, Resource } from '../../contracts/kube.ts';
import type { CustomKind } from './custom-kind.ts';
import type { Schema } from './fields/kind.ts';
import { customKinds } from './kinds.ts';
import { apiVersionOf, resources } from './resources.ts';

type AnyKind = CustomKind<unknown, unknown>;

const category = 'external-secrets';
/** By which those who back up, list or remove the definitions of the group find them. */
const labels = { 'external-secrets.io/component': 'controller' };
const oldVersion = 'v1beta1';

const described = (description: string, schema: Schema): Schema => ({ description, ...schema });

const objectSchema = ({ summary, spec, status }: AnyKind): Schema => ({
  type: 'object',
  description: `${summary}.`,
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string', description: 'Group and version of the object.' },
    kind: { type: 'string', description: 'Kind of the object.' },
    metadata: { type: 'object' },
    spec: described('What is wanted.', spec.schema),
    status: described('What has been done; written by the operator.', status.schema),
  },
});

const served = (kind: AnyKind): Schema => ({
  name: kind.resource.version,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: objectSchema(kind) },
  subresources: { status: {} },
  additionalPrinterColumns: kind.columns,
  ...(kind.selectable.length === 0 ? {} : { selectableFields: kind.selectable.map(jsonPath => ({ jsonPath })) }),
});

/** Listed, so that clusters which once stored it can be taken over; nobody can read or write it. */
const notServed = ({ resource }: AnyKind): Schema => ({
  name: oldVersion,
  served: false,
  storage: false,
  deprecated: true,
  deprecationWarning: `${resource.group}/${oldVersion} is not served any more: write ${apiVersionOf(resource)}`,
  schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  subresources: { status: {} },
});

const namesOf = ({ resource, singular, shortName }: AnyKind): Schema => ({
  kind: resource.kind,
  listKind: `${resource.kind}List`,
  plural: resource.plural,
  singular,
  shortNames: [shortName],
  categories: [category],
});

/** `externalsecrets.external-secrets.io`. */
export const crdNameOf = ({ plural, group }: Resource): string => `${plural}.${group}`;

const crdOf = (kind: AnyKind): KubeObject => ({
  apiVersion: apiVersionOf(resources.customResourceDefinition),
  kind: resources.customResourceDefinition.kind,
  metadata: { name: crdNameOf(kind.resource), labels },
  spec: {
    group: kind.resource.group,
    scope: kind.resource.namespaced ? 'Namespaced' : 'Cluster',
    names: namesOf(kind),
    versions: [served(kind), notServed(kind)],
  },
});

/** One for each kind. */
export const crds = (): readonly KubeObject[] => customKinds.map(crdOf);
