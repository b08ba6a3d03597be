/** A Secret as the object that goes into a manifest. Keys stand in order, so that two exports can be compared. */
import { toBase64 } from './base64.ts';
import type { KubeSecret } from './kube-secret.ts';

type Texts = { readonly [name: string]: string };

export interface Manifest {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Texts;
    readonly annotations?: Texts;
  };
  readonly type: string;
  readonly immutable?: true;
  readonly data?: Texts;
}

/** Names come from outside: no prototype. */
const texts = (all: ReadonlyMap<string, string>): Texts => {
  const found = Object.create(null) as { [name: string]: string };
  for (const [name, value] of [...all].toSorted(([left], [right]) => (left < right ? -1 : 1))) found[name] = value;
  return found;
};

const ifAny = <N extends string>(name: N, all: ReadonlyMap<string, string>): { readonly [K in N]?: Texts } =>
  all.size === 0 ? {} : ({ [name]: texts(all) } as { readonly [K in N]: Texts });

export const manifestOf = (secret: KubeSecret): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: secret.name,
    namespace: secret.namespace,
    ...ifAny('labels', secret.labels),
    ...ifAny('annotations', secret.annotations),
  },
  type: secret.type,
  ...(secret.immutable ? { immutable: true } : {}),
  ...ifAny('data', new Map([...secret.data].map(([key, bytes]) => [key, toBase64(bytes)]))),
});
