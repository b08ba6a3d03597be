/** Objects that several kinds hold: references to other objects, selectors of labels, conditions. */
import { list } from './fields/collections.ts';
import { f } from './fields/f.ts';
import { object } from './fields/object.ts';

const namespaceMeaning = 'Its namespace: for cluster stores; a store of a namespace may only name its own';

/** One value of a Secret. Without a namespace, in a cluster store: that of the ExternalSecret. */
export const secretKeyRef = object({
  name: f.name('Name of the Secret'),
  namespace: f.namespace(namespaceMeaning),
  key: f.key('Key in the data of the Secret'),
});
/** As read. */
export type SecretKeyRef = ReturnType<typeof secretKeyRef.read>;

/** As `secretKeyRef`, with the key that is meant when none is named. */
export const secretKeyRefWith = (key: string) =>
  object({
    name: f.name('Name of the Secret'),
    namespace: f.namespace(namespaceMeaning),
    key: f.key('Key in the data of the Secret', { default: key }),
  });

/** A ServiceAccount that a token is asked for. */
export const serviceAccountRef = object({
  name: f.name('Name of the ServiceAccount', { required: true }),
  namespace: f.namespace(namespaceMeaning),
  audiences: f.texts('Audiences of the token, beside those the provider needs'),
});
/** As read. */
export type ServiceAccountRef = ReturnType<typeof serviceAccountRef.read>;

/** Where the certificates of an authority lie. */
export const caProvider = object({
  type: f.choice(['Secret', 'ConfigMap'], 'Kind of the object', { required: true }),
  name: f.name('Name of the object', { required: true }),
  namespace: f.namespace(namespaceMeaning),
  key: f.key('Key in its data'),
});

const labelRequirement = object({
  key: f.text('Name of the label', { required: true }),
  operator: f.text('`In`, `NotIn`, `Exists` or `DoesNotExist`', { required: true }),
  values: f.texts('What it is held against, for `In` and `NotIn`'),
});

/** Objects by their labels: all that is said must hold. */
export const labelSelector = object({
  matchLabels: f.textMap('Labels that must have these values'),
  matchExpressions: f.of(list(labelRequirement), 'What must hold for labels'),
});
/** As read. */
export type LabelSelector = ReturnType<typeof labelSelector.read>;

const condition = object({
  type: f.text('What is told of, such as `Ready`', { required: true }),
  status: f.text('`True`, `False` or `Unknown`', { required: true }),
  reason: f.text('One word for machines'),
  message: f.text('One line for people: what happened and what to do'),
  lastTransitionTime: f.time('Since when the status is what it is'),
});
/** As read. */
export type Condition = ReturnType<typeof condition.read>;

/** What is told of an object's state. */
export const conditions = list(condition);
