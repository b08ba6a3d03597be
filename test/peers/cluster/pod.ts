/** What of a Pod the fake kubelet reads: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1 */
import type { KubeObject } from '../../../packages/server/src/contracts/kube.ts';

export interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface FieldRef {
  readonly fieldPath: string;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: KeyRef;
    readonly configMapKeyRef?: KeyRef;
    readonly fieldRef?: FieldRef;
  };
}

interface WholeRef {
  readonly name: string;
  readonly optional?: boolean;
}

export interface EnvFrom {
  readonly prefix?: string;
  readonly secretRef?: WholeRef;
  readonly configMapRef?: WholeRef;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFrom[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
  readonly restartPolicy?: string;
}

export interface Items {
  readonly items?: readonly { readonly key: string; readonly path: string }[];
  readonly optional?: boolean;
}

export interface Projection {
  readonly secret?: Items & { readonly name: string };
  readonly configMap?: Items & { readonly name: string };
  readonly serviceAccountToken?: {
    readonly path: string;
    readonly audience?: string;
    readonly expirationSeconds?: number;
  };
  readonly downwardAPI?: { readonly items: readonly { readonly path: string; readonly fieldRef: FieldRef }[] };
}

export interface Volume {
  readonly name: string;
  readonly secret?: Items & { readonly secretName: string };
  readonly configMap?: Items & { readonly name: string };
  readonly projected?: { readonly sources: readonly Projection[] };
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly nodeSelector?: { readonly [label: string]: string };
    readonly schedulingGates?: readonly unknown[];
    readonly serviceAccountName: string;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
  readonly status?: { readonly phase?: string };
}

/** Those that init containers and containers are made of. */
export const containersOf = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
];

/** Where the downward API finds it; paths with a key in brackets read one label or annotation. */
export const fieldOf = (pod: Pod, { fieldPath }: FieldRef): string => {
  const keyed = /^(metadata)\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  const steps = keyed === null ? fieldPath.split('.') : keyed.slice(1);
  let value: unknown = pod;
  for (const step of steps) value = (value as { readonly [field: string]: unknown } | undefined)?.[step];
  return typeof value === 'string' ? value : '';
};
