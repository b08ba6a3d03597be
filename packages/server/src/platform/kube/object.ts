/** Objects as the API server sends them, checked as far as everybody relies on: there is metadata, and it has a name. */
import type { KubeObject, Resource } from '../../contracts/kube.ts';
import { type KubeError, unanswered } from './error.ts';
import { apiVersionOf } from './path.ts';

type Loose = { readonly [name: string]: unknown };

const isRecord = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const garbled = (what: string): KubeError =>
  unanswered('Garbled', `${what}: the answer is not what the API server would send`, false);

/** `what`: the request, for the error. */
export const recordIn = (value: unknown, what: string): Loose => {
  if (!isRecord(value)) throw garbled(what);
  return value;
};

/** Any answer that says what it is. */
export const objectIn = (value: unknown, what: string): KubeObject => {
  const object = recordIn(value, what);
  if (typeof object['kind'] !== 'string') throw garbled(what);
  return { metadata: { name: '' }, ...object } as unknown as KubeObject;
};

export interface Wanted {
  readonly resource: Resource;
  readonly metadataOnly?: boolean | undefined;
}

/**
 * One object of a resource. In lists the API server leaves out what each item is, and calls metadata alone
 * PartialObjectMetadata: here every object says what it is. Of what was asked for as metadata nothing else is kept.
 */
export const itemIn = (value: unknown, { resource, metadataOnly }: Wanted, what: string): KubeObject => {
  const object = recordIn(value, what);
  const { metadata } = object;
  if (!isRecord(metadata) || typeof metadata['name'] !== 'string') throw garbled(what);
  const named = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const whole = metadataOnly === true ? { ...named, metadata } : { ...object, ...named };
  return whole as unknown as KubeObject;
};
