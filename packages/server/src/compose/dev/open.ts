/** A cluster that is announced and looked at before anything in it is touched. */
import { CofferError } from '@coffer/schema/errors.ts';
import { realClock } from '../../platform/clock/real.ts';
import { type Connection, connectKube } from '../../platform/kube/connect.ts';
import { isUnauthorized, isUnreachable } from '../../platform/kube/error.ts';
import { environment, output, workingFolder } from '../../platform/process/process.ts';
import { realRandom } from '../../platform/random/real.ts';
import { checkOwners, type ClusterReach } from './cluster.ts';
import { checkTarget, type Target } from './near.ts';
import { checkRights, rightsToSetUp, rightsToTakeAway } from './rights.ts';
import { quoted } from './told.ts';

export interface DevOptions {
  readonly kubeconfig: string;
  readonly context: string | undefined;
  /** The cluster is meant, whatever it looks like. */
  readonly isMeant: boolean;
  /** Absolute path: where the store is. */
  readonly folder: string;
}

export interface DevCluster extends ClusterReach {
  readonly connection: Connection;
  readonly context: string;
  /** Absolute path. */
  readonly kubeconfig: string;
}

/** Shells do not expand `~` behind an equals sign. */
const absolute = (path: string): string => {
  if (path.startsWith('~/')) return `${environment().get('HOME') ?? '~'}${path.slice(1)}`;
  return path.startsWith('/') ? path : `${workingFolder()}/${path}`;
};

const connect = async (options: DevOptions): Promise<DevCluster> => {
  const kubeconfig = absolute(options.kubeconfig);
  const clock = realClock();
  const connection = await connectKube({
    clock,
    random: realRandom(),
    environment: environment(),
    kubeconfig,
    context: options.context,
    userAgent: 'coffer-dev',
  });
  return { kube: connection.kube, clock, connection, context: connection.context ?? '', kubeconfig };
};

/**
 * Says which cluster it is; then looks whether it is near or meant, can be reached, may be changed by this user, and has
 * nothing of others in the way. Throws `usage`, `permission_denied`, `unreachable`; nothing is changed.
 */
export const openCluster = async (options: DevOptions, purpose: 'set up' | 'take away'): Promise<DevCluster> => {
  const cluster = await connect(options);
  const { kube, connection, context, kubeconfig } = cluster;
  const target = { context, server: connection.server };
  output.out(`==> Cluster: context "${context}" of ${kubeconfig}, at ${target.server}\n`);
  try {
    checkTarget(target, options.isMeant);
    await checkRights(kube, purpose === 'set up' ? rightsToSetUp : rightsToTakeAway, context);
    if (purpose === 'set up') await checkOwners(cluster, options.isMeant);
  } catch (cause) {
    connection.close();
    throw explained(target, cause);
  }
  return cluster;
};

const explained = (target: Target, cause: unknown): unknown => {
  if (isUnreachable(cause)) return cannotReach(target, cause);
  return isUnauthorized(cause) ? isNobody(target, cause) : cause;
};

const isNobody = ({ context, server }: Target, cause: unknown): CofferError =>
  new CofferError(
    'permission_denied',
    `The cluster at ${server} does not take the credentials of context "${context}": they are wrong or have ended. Nothing was changed. Log in to it anew (kubectl auth whoami --context=${quoted(context)} says whether that worked), or name another with -context=NAME.`,
    { cause },
  );

const cannotReach = ({ context, server }: Target, cause: unknown): CofferError =>
  new CofferError(
    'unreachable',
    `The cluster of context "${context}" at ${server} cannot be reached. Nothing was changed. Start it, or name another with -context=NAME.\n${cause instanceof CofferError ? cause.publicMessage : ''}`,
    { cause },
  );
