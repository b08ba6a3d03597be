/** Whether a cluster looks like one of this machine or of the network behind it. Pure. */
import { CofferError } from '@coffer/schema/errors.ts';
import { isPrivate, plainHost } from '../../platform/net/outside-address.ts';

/** Names by which this machine is called where Kubernetes runs on it. */
const ownNames: ReadonlySet<string> = new Set(['localhost', 'kubernetes.docker.internal', 'host.docker.internal']);

/** By its URL alone: a name may mean anything, so it is taken for far unless it is one of this machine. */
export const isNear = (server: string): boolean => {
  const host = plainHost(new URL(server).hostname);
  return ownNames.has(host) || isPrivate(host);
};

export interface Target {
  readonly context: string;
  readonly server: string;
}

/** Throws `usage` where a cluster is far and nobody has said that it is meant. */
export const checkTarget = ({ context, server }: Target, isMeant: boolean): void => {
  if (isMeant || isNear(server)) return;
  throw new CofferError(
    'usage',
    `Context "${context}" is the cluster at ${server}, which is neither on this machine nor in a private network: coffer dev is for clusters to try things out in. Nothing was changed. If this one is meant, add -yes; else name another context with -context=NAME.`,
  );
};
