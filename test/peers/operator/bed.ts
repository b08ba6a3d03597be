/** A real control plane with the kinds in it, a real store, and operators as users start them. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { KubeObject } from '../../../packages/server/src/contracts/kube.ts';
import { type Cluster, type ClusterOptions, needCluster, startCluster } from '../cluster/cluster.ts';
import { until } from '../cluster/processes.ts';
import { refuseLeaks } from '../leaks.ts';
import { listening } from '../listening.ts';
import { startStore, type Store } from './store.ts';

export const need = { skip: needCluster.skip };

const repository = path.join(import.meta.dirname, '../../..');
const launcher = path.join(repository, 'packages/cli/bin/coffer');
const definitions = path.join(repository, 'deploy/crds');
const stopLimitMs = 20_000;

export interface OperatorProcess {
  readonly pid: number;
  said(): string;
  /** Resolves with the exit code, or the signal's name. Rejects where it told a secret (S11). */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

export const startOperator = async (cluster: Cluster, ...flags: readonly string[]): Promise<OperatorProcess> => {
  const args = ['operator', `-kubeconfig=${cluster.kubeconfig.path}`, '-log-level=debug', ...flags];
  const child = spawn(launcher, args, { cwd: cluster.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const { said, ended } = await listening(child, /Coffer operator (?:started|waits)! cluster (\S+)/);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    const code = await ended;
    clearTimeout(timer);
    refuseLeaks(new Map([['what the operator said', said()]]));
    return code;
  };
  return { pid: child.pid ?? -1, said, stop };
};

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

const paths = {
  ExternalSecret: 'apis/external-secrets.io/v1/namespaces/default/externalsecrets',
  SecretStore: 'apis/external-secrets.io/v1/namespaces/default/secretstores',
  ClusterSecretStore: 'apis/external-secrets.io/v1/clustersecretstores',
  Secret: 'api/v1/namespaces/default/secrets',
  ServiceAccount: 'api/v1/namespaces/default/serviceaccounts',
  ConfigMap: 'api/v1/namespaces/default/configmaps',
} as const;

export type Kind = keyof typeof paths;

const apiVersions: { readonly [kind: string]: string } = { Secret: 'v1', ServiceAccount: 'v1', ConfigMap: 'v1' };

export class Bed {
  readonly cluster: Cluster;
  readonly store: Store;

  constructor(cluster: Cluster, store: Store) {
    this.cluster = cluster;
    this.store = store;
  }

  /** What is at a path below `secret/` now. */
  async put(key: string, data: unknown): Promise<void> {
    await this.store.api.call('POST', `secret/data/${key}`, { body: { data } });
  }

  make(kind: Kind, name: string, body: object): Promise<KubeObject> {
    const metadata = { ...(body as { metadata?: object }).metadata, name };
    const apiVersion = apiVersions[kind] ?? 'external-secrets.io/v1';
    return this.cluster.api.ask(`/${paths[kind]}`, { method: 'POST', body: { apiVersion, kind, ...body, metadata } });
  }

  patch(kind: Kind, name: string, body: object): Promise<KubeObject> {
    return this.cluster.api.ask(`/${paths[kind]}/${name}`, { method: 'PATCH', body });
  }

  async remove(kind: Kind, name: string): Promise<void> {
    await this.cluster.api.ask(`/${paths[kind]}/${name}`, { method: 'DELETE' });
  }

  /** Undefined: there is none. */
  async get(kind: Kind, name: string): Promise<KubeObject | undefined> {
    const { status, body } = await this.cluster.api.call(`/${paths[kind]}/${name}`);
    return status === 404 ? undefined : body;
  }

  /** A token with a policy of its own, given as HCL. */
  async token(policy: string, text: string): Promise<string> {
    await this.store.api.call('PUT', `sys/policies/acl/${policy}`, { body: { policy: text }, status: 204 });
    const made = await this.store.api.call('POST', 'auth/token/create', { body: { policies: [policy] } });
    return made.auth.client_token;
  }

  /** A store that is read with this token; left out, with root's. */
  async makeStore(name: string, token = this.store.api.token): Promise<void> {
    await this.make('Secret', `${name}-token`, { stringData: { token } });
    await this.make('SecretStore', name, {
      spec: {
        provider: {
          vault: {
            server: this.store.address,
            path: 'secret',
            auth: { tokenSecretRef: { name: `${name}-token`, key: 'token' } },
          },
        },
      },
    });
  }

  /** One key, `password`, of this path. */
  wants(
    name: string,
    key: string,
    more: { readonly target?: object; readonly spec?: object; readonly store?: string } = {},
  ) {
    return this.make('ExternalSecret', name, {
      spec: {
        secretStoreRef: { name: more.store ?? 'coffer' },
        refreshInterval: '1h',
        target: more.target ?? {},
        data: [{ secretKey: 'password', remoteRef: { key, property: 'password' } }],
        ...more.spec,
      },
    });
  }

  /** The values of a Secret as text; undefined: there is none. */
  async values(name: string): Promise<{ readonly [key: string]: string } | undefined> {
    const secret = await this.get('Secret', name);
    if (secret === undefined) return undefined;
    const data = (secret['data'] ?? {}) as { readonly [key: string]: string };
    return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
  }

  async ready(kind: Kind, name: string): Promise<Condition | undefined> {
    const status = (await this.get(kind, name))?.['status'] as { conditions?: readonly Condition[] } | undefined;
    return status?.conditions?.find(({ type }) => type === 'Ready');
  }

  /** Waits for the Secret to be this. */
  async untilValues(name: string, wanted: { readonly [key: string]: string } | undefined): Promise<void> {
    const text = JSON.stringify(wanted);
    let last: unknown;
    await until(`Secret ${name} being as wanted`, async () => {
      last = await this.values(name);
      return JSON.stringify(last) === text ? true : undefined;
    });
  }

  untilReady(
    name: string,
    holds: (condition: Condition) => boolean,
    kind: Kind = 'ExternalSecret',
  ): Promise<Condition> {
    return until(`${kind} ${name}`, async () => {
      const condition = await this.ready(kind, name);
      return condition !== undefined && holds(condition) ? condition : undefined;
    });
  }

  async stop(): Promise<void> {
    await this.store.stop();
    await this.cluster.stop();
  }
}

export const startBed = async (options?: ClusterOptions): Promise<Bed> => {
  const store = await startStore();
  const cluster = await startCluster(options);
  await cluster.kubectl(['apply', '--server-side', '-f', definitions]);
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
  return new Bed(cluster, store);
};
