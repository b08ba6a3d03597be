/** What Kubernetes gives to a pod about its own ServiceAccount. */
import type { Secret } from '@coffer/schema/secret.ts';

export interface PodCredentials {
  readonly caPem: string;
  readonly token: Secret;
}

/** Read anew each time: the token is replaced before it ends. Undefined where this is no pod. */
export type OwnPod = () => Promise<PodCredentials | undefined>;
