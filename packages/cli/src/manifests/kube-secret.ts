/**
 * A Kubernetes Secret read from its manifest, checked as the API server checks it. A refusal names the member, never what
 * it holds. What the cluster adds (uid, resourceVersion, managedFields …) is not kept; neither is the annotation in which
 * kubectl keeps the last applied manifest: it holds the values.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { fromBase64 } from './base64.ts';
import { isKey, isName, isNamespace, shown } from './names.ts';
import { isMap, type Tree, type TreeMap } from './tree.ts';

export interface KubeSecret {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly immutable: boolean;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly data: ReadonlyMap<string, Uint8Array>;
}

export const defaultType = 'Opaque';
const typeLimit = 253;
const keysLimit = 10_000;
/** Kubernetes would allow it; no JSON that the store reads may have such a member. */
const notTaken = '__proto__';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const refuse = (reason: string): never => {
  throw new CofferError('usage', reason);
};

const textsOf = (parent: TreeMap, member: string): Map<string, string> => {
  const given = parent.get(member);
  const found = new Map<string, string>();
  if (given === undefined || given === null) return found;
  if (!isMap(given)) return refuse(`${member}: expected names with texts`);
  if (given.size > keysLimit) refuse(`${member}: more than ${keysLimit} names`);
  for (const [name, value] of given) {
    if (value === null) found.set(name, '');
    else if (typeof value === 'string') found.set(name, value);
    else refuse(`${member} "${shown(name)}": expected text; put the value in quotes`);
  }
  return found;
};

const textOf = (parent: TreeMap, member: string): string => {
  const value: Tree | undefined = parent.get(member);
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : refuse(`${member}: expected text`);
};

const dataOf = (manifest: TreeMap): Map<string, Uint8Array> => {
  const data = new Map<string, Uint8Array>();
  for (const [key, value] of textsOf(manifest, 'data')) {
    data.set(key, fromBase64(value) ?? refuse(`data "${shown(key)}": not base64`));
  }
  const utf8 = new TextEncoder();
  for (const [key, value] of textsOf(manifest, 'stringData')) {
    if (!value.isWellFormed()) refuse(`stringData "${shown(key)}": not valid Unicode`);
    data.set(key, utf8.encode(value));
  }
  if (data.size > keysLimit) refuse(`data: more than ${keysLimit} keys`);
  for (const key of data.keys()) {
    if (key === notTaken) refuse(`data "${notTaken}": the store takes no key of this name`);
    if (!isKey(key)) refuse(`data "${shown(key)}": a key may have letters, digits, "-", "_" and "." only`);
  }
  return data;
};

const metadataOf = (manifest: TreeMap): TreeMap => {
  const metadata = manifest.get('metadata');
  return isMap(metadata) ? metadata : refuse('metadata: missing');
};

const annotationsOf = (metadata: TreeMap, skipped: ReadonlySet<string>): Map<string, string> =>
  new Map([...textsOf(metadata, 'annotations')].filter(([name]) => name !== lastApplied && !skipped.has(name)));

const immutableOf = (manifest: TreeMap): boolean => {
  const value = manifest.get('immutable') ?? false;
  return typeof value === 'boolean' ? value : refuse('immutable: expected true or false');
};

export interface Reading {
  /** For manifests without one. */
  readonly namespace: string;
  readonly skippedAnnotations: ReadonlySet<string>;
}

/** Throws `usage` with what is wrong. */
export const readKubeSecret = (manifest: TreeMap, reading: Reading): KubeSecret => {
  const metadata = metadataOf(manifest);
  const name = textOf(metadata, 'name');
  const namespace = textOf(metadata, 'namespace') || reading.namespace;
  if (name === '') refuse('metadata.name: missing');
  if (!isName(name)) refuse(`metadata.name "${shown(name)}": not a name that Kubernetes allows`);
  if (!isNamespace(namespace)) refuse(`metadata.namespace "${shown(namespace)}": not a name that Kubernetes allows`);
  const type = textOf(manifest, 'type') || defaultType;
  if (type.length > typeLimit) refuse(`type: longer than ${typeLimit} characters`);
  return {
    namespace,
    name,
    type,
    immutable: immutableOf(manifest),
    labels: textsOf(metadata, 'labels'),
    annotations: annotationsOf(metadata, reading.skippedAnnotations),
    data: dataOf(manifest),
  };
};
