/**
 * The way to a cluster: a kubeconfig that is named, KUBECONFIG, the pod this runs in, or `~/.kube/config`, in this order.
 * Connecting reads files and asks nothing: the first call does.
 */
import { delimiter, join } from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Kube, KubePager } from '../../contracts/kube.ts';
import type { Random } from '../../contracts/random.ts';
import { clientOf } from './client.ts';
import { endpointOf } from './config/cluster.ts';
import { serviceAccountFolder } from '../files/own-pod.ts';
import { inCluster, inClusterUrl } from './config/in-cluster.ts';
import { chooseContext, type KubeconfigFiles } from './config/kubeconfig.ts';
import { anonymous, userCredentials } from './config/user.ts';
import type { Credentials, Endpoint } from './credentials.ts';
import { type Call, senderOf } from './send.ts';
import { transportOf } from './transport.ts';

export interface ConnectOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: ReadonlyMap<string, string>;
  /** A file; it must be there. */
  readonly kubeconfig?: string | undefined;
  /** Default: the current one. */
  readonly context?: string | undefined;
  /** Default `coffer`. */
  readonly userAgent?: string | undefined;
  /** Where a pod finds its token; default as Kubernetes mounts it. */
  readonly serviceAccountFolder?: string | undefined;
}

export interface Connection {
  readonly kube: Kube & KubePager;
  /** The same for whoever may write only for a time: it writes nothing once `isHeld` says no, not even what waits. */
  whileHeld(isHeld: () => boolean): Kube & KubePager;
  /** The API server's URL. */
  readonly server: string;
  /** Of the context or of the pod; `default` where neither says. */
  readonly namespace: string;
  /** Of the kubeconfig; `undefined` in a pod. */
  readonly context: string | undefined;
  /** The public keys by which the tokens of its ServiceAccounts are checked: a JWK Set (RFC 7517 §5). Throws `KubeError`. */
  tokenKeys(): Promise<unknown>;
  /** Ends every socket with what goes over it. */
  close(): void;
}

interface Way {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly namespace: string | undefined;
  readonly context: string | undefined;
}

/** Outside of the objects, and answered by its own media type alone. */
const tokenKeysCall: Call = {
  what: 'get the keys of ServiceAccount tokens',
  secret: false,
  method: 'GET',
  path: '/openid/v1/jwks',
  accept: 'application/jwk-set+json',
  repeatable: true,
};

const searchPath = (text: string): readonly string[] => text.split(delimiter).filter(path => path !== '');

const filesOf = ({ kubeconfig, environment }: ConnectOptions): KubeconfigFiles => {
  if (kubeconfig !== undefined) return { paths: [kubeconfig], mayBeMissing: false };
  const named = searchPath(environment.get('KUBECONFIG') ?? '');
  const home = environment.get('HOME') ?? environment.get('USERPROFILE') ?? '';
  return { paths: named.length > 0 ? named : [join(home, '.kube', 'config')], mayBeMissing: true };
};

/** Without TLS nothing is sent by which others could act as us, as with kubectl: `kubectl proxy` needs none. */
const isPlain = ({ url }: Endpoint): boolean => url.protocol === 'http:';

const wayByKubeconfig = async (options: ConnectOptions): Promise<Way> => {
  const { context, cluster, user, namespace } = await chooseContext(filesOf(options), options.context);
  const endpoint = endpointOf(cluster, options.clock);
  return {
    endpoint,
    credentials: user === undefined || isPlain(endpoint) ? anonymous : userCredentials(user, { ...options, endpoint }),
    namespace,
    context,
  };
};

const isNamed = ({ kubeconfig, context, environment }: ConnectOptions): boolean =>
  kubeconfig !== undefined || context !== undefined || (environment.get('KUBECONFIG') ?? '') !== '';

const wayOf = async (options: ConnectOptions): Promise<Way> => {
  const url = isNamed(options) ? undefined : inClusterUrl(options.environment);
  if (url === undefined) return wayByKubeconfig(options);
  const folder = options.serviceAccountFolder ?? serviceAccountFolder;
  return { ...(await inCluster(url, options.clock, folder)), context: undefined };
};

/** Throws `usage` where what there is cannot be used; the message names file and field. */
export const connectKube = async (options: ConnectOptions): Promise<Connection> => {
  const { clock, random, userAgent = 'coffer' } = options;
  const { endpoint, credentials, namespace, context } = await wayOf(options);
  const transport = transportOf({ endpoint, credentials, clock, userAgent });
  const sender = senderOf({ transport, credentials, clock, random });
  return {
    kube: clientOf({ sender, clock, random }),
    whileHeld: isHeld => {
      const checkWrite = (): void => {
        if (!isHeld()) throw new CofferError('not_active', 'this process no longer leads: another one does it');
      };
      return clientOf({ sender: senderOf({ transport, credentials, clock, random, checkWrite }), clock, random });
    },
    server: endpoint.url.href.replace(/\/$/, ''),
    namespace: namespace ?? 'default',
    context,
    tokenKeys: () => sender.send(tokenKeysCall),
    close: () => transport.close(),
  };
};
