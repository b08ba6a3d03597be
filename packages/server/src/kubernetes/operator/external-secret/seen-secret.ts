/**
 * What is known of a Secret: everything but its values. A Secret that comes in is reduced to this at once, so that what
 * is held are names and a hash, however many Secrets there are.
 */
import type { KubeObject, ManagedFields, OwnerReference } from '../../../contracts/kube.ts';
import { dataHash } from '../go-text.ts';
import { isFieldOwner, lastAppliedAnnotation } from '../names.ts';

/** Names of fields that one field manager has set. */
export interface OwnFields {
  readonly data: readonly string[];
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

export interface SeenSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: string;
  readonly immutable: boolean;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly keys: readonly string[];
  /** Of the data as they are, whatever an annotation says. */
  readonly hash: string;
  /** By field manager; only those of ExternalSecrets. */
  readonly own: ReadonlyMap<string, OwnFields>;
}

type Named = { readonly [name: string]: unknown };

const isNamed = (value: unknown): value is Named =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const member = (value: unknown, name: string): unknown =>
  isNamed(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** `f:key` → `key`; `.` is the field itself. */
const fieldNames = (value: unknown): readonly string[] =>
  isNamed(value) ? Object.keys(value).flatMap(key => (key.startsWith('f:') ? [key.slice(2)] : [])) : [];

const ownFields = ({ fieldsV1 }: ManagedFields): OwnFields => ({
  data: fieldNames(member(fieldsV1, 'f:data')),
  labels: fieldNames(member(member(fieldsV1, 'f:metadata'), 'f:labels')),
  annotations: fieldNames(member(member(fieldsV1, 'f:metadata'), 'f:annotations')),
});

const joined = (a: OwnFields | undefined, b: OwnFields): OwnFields =>
  a === undefined
    ? b
    : {
        data: [...new Set([...a.data, ...b.data])],
        labels: [...new Set([...a.labels, ...b.labels])],
        annotations: [...new Set([...a.annotations, ...b.annotations])],
      };

/** A manager may have two entries: one of updates, one of server-side apply. */
const ownByOwner = (fields: readonly ManagedFields[]): ReadonlyMap<string, OwnFields> => {
  const own = new Map<string, OwnFields>();
  for (const entry of fields) {
    if (isFieldOwner(entry.manager)) own.set(entry.manager, joined(own.get(entry.manager), ownFields(entry)));
  }
  return own;
};

const texts = (value: unknown): ReadonlyMap<string, string> =>
  new Map(isNamed(value) ? Object.entries(value).map(([key, text]) => [key, String(text)]) : []);

const fromBase64 = (text: string): Uint8Array => Uint8Array.fromBase64(text);

/** kubectl's copy of the whole object, its values in it, is no annotation that anybody here looks at. */
const withoutLastApplied = (annotations: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...annotations].filter(([name]) => name !== lastAppliedAnnotation));

/** The values themselves: only for the moment in which they are compared or merged. */
export const dataOf = (secret: KubeObject): ReadonlyMap<string, Uint8Array> =>
  new Map([...texts(secret['data'])].map(([key, value]) => [key, fromBase64(value)]));

export const seenSecret = (secret: KubeObject): SeenSecret => {
  const { metadata } = secret;
  const data = dataOf(secret);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    type: typeof secret['type'] === 'string' ? secret['type'] : 'Opaque',
    immutable: secret['immutable'] === true,
    labels: texts(metadata.labels),
    annotations: withoutLastApplied(texts(metadata.annotations)),
    owners: metadata.ownerReferences ?? [],
    finalizers: metadata.finalizers ?? [],
    keys: [...data.keys()],
    hash: dataHash(data),
    own: ownByOwner(metadata.managedFields ?? []),
  };
};
