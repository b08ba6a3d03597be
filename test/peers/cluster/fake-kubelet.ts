/**
 * A fake node, kubelet and scheduler in one, without containers: it binds pods to itself, tells that they run and are
 * ready, remembers what they were given, and lets go of those that are deleted. Like a kubelet it holds a pod back while
 * a Secret or ConfigMap it needs is missing, fixes the environment and `subPath` files at the start, and brings changes
 * into all other volumes, though at once. Tokens are not renewed. Nothing ends by itself: a Job's pod runs for ever.
 */
import type { KubeObject } from '../../../packages/server/src/contracts/kube.ts';
import { type Api, type Call, makeApi } from './api.ts';
import type { Cluster } from './cluster.ts';
import { follow, keyOf } from './follow.ts';
import { makeNode } from './node.ts';
import { containersOf, type Pod } from './pod.ts';
import { MissingSource, PodContents, type Texts } from './pod-contents.ts';
import { runningStatus, waitingStatus } from './pod-status.ts';
import { SourceCache } from './source-cache.ts';

const problemLimit = 20;

export interface ContainerSees {
  readonly env: Texts;
  /** Path in the container → text. */
  readonly files: Texts;
}

interface Given {
  readonly pod: Pod;
  readonly env: { readonly [container: string]: Texts };
  readonly atStart: { readonly [volume: string]: Texts };
  readonly volumes: { readonly [volume: string]: Texts };
}

const podPath = ({ metadata }: Pod): string => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;

const filesOf = ({ pod, atStart, volumes }: Given, container: string): Texts => {
  const mounts = containersOf(pod).find(({ name }) => name === container)?.volumeMounts ?? [];
  const files = mounts.flatMap(({ name, mountPath, subPath }) => {
    if (subPath === undefined) {
      return Object.entries(volumes[name] ?? {}).map(([file, text]) => [`${mountPath}/${file}`, text] as const);
    }
    const text = atStart[name]?.[subPath];
    return text === undefined ? [] : [[mountPath, text] as const];
  });
  return Object.fromEntries(files);
};

/** Runs work for one key after the other's end, for different keys at once. */
const inTurn = (work: (key: string) => Promise<void>): ((key: string) => void) => {
  const last = new Map<string, Promise<void>>();
  return key => {
    const next = (last.get(key) ?? Promise.resolve()).then(() => work(key));
    last.set(key, next);
    void next.then(() => last.get(key) === next && last.delete(key));
  };
};

export class FakeKubelet {
  readonly node: string;
  readonly #api: Api;
  readonly #sources: SourceCache;
  readonly #pods = new Map<string, Pod>();
  readonly #given = new Map<string, Given>();
  readonly #waiting = new Map<string, string>();
  readonly #problems: string[] = [];
  readonly #end = new AbortController();
  #following: Promise<unknown> = Promise.resolve();

  constructor(node: string, api: Api) {
    this.node = node;
    this.#api = api;
    this.#sources = new SourceCache(api);
  }

  async start(): Promise<void> {
    await makeNode(this.#api, this.node);
    const touch = inTurn(key => this.#step(key).catch(error => this.#note(key, error)));
    const at = (collection: string) => ({ api: this.#api, collection, signal: this.#end.signal });
    const source = (object: KubeObject, gone: boolean): void => {
      this.#sources.take(object, gone);
      for (const [key, pod] of this.#pods) if (pod.metadata.namespace === object.metadata.namespace) touch(key);
    };
    this.#following = Promise.all([
      follow(at('/api/v1/secrets'), (object, gone) => source({ ...object, kind: 'Secret' }, gone)),
      follow(at('/api/v1/configmaps'), (object, gone) => source({ ...object, kind: 'ConfigMap' }, gone)),
      follow(at('/api/v1/pods'), (object, gone) => {
        if (gone) this.#forget(keyOf(object));
        else this.#pods.set(keyOf(object), object as Pod);
        touch(keyOf(object));
      }),
    ]);
  }

  /** What a container sees now; without a name, the pod's first. Undefined while the pod does not run here. */
  sees(namespace: string, pod: string, container?: string): ContainerSees | undefined {
    const given = this.#given.get(`${namespace}/${pod}`);
    if (given === undefined) return undefined;
    const name = container ?? given.pod.spec.containers[0]?.name ?? '';
    return { env: given.env[name] ?? {}, files: filesOf(given, name) };
  }

  /** Of the pods that run here in the namespace, as they were when they started. */
  running(namespace: string): readonly Pod[] {
    return [...this.#given.values()].map(({ pod }) => pod).filter(pod => pod.metadata.namespace === namespace);
  }

  /** What it could not do, the last of it. */
  problems(): readonly string[] {
    return this.#problems;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#following;
  }

  #note(key: string, error: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#problems.push(`${key}: ${error instanceof Error ? error.message : String(error)}`);
    if (this.#problems.length > problemLimit) this.#problems.shift();
  }

  #forget(key: string): void {
    this.#pods.delete(key);
    this.#given.delete(key);
    this.#waiting.delete(key);
  }

  async #step(key: string): Promise<void> {
    const pod = this.#pods.get(key);
    if (pod === undefined) return;
    if (pod.spec.nodeName === undefined) return this.#bind(pod);
    if (pod.spec.nodeName !== this.node) return;
    if (pod.metadata.deletionTimestamp !== undefined) return this.#release(pod);
    const given = this.#given.get(key);
    if (given !== undefined && given.pod.metadata.uid === pod.metadata.uid) await this.#refresh(key, given);
    else await this.#run(key, pod);
  }

  async #bind(pod: Pod): Promise<void> {
    const { nodeSelector = {}, schedulingGates = [] } = pod.spec;
    const elsewhere = (nodeSelector['kubernetes.io/hostname'] ?? this.node) !== this.node;
    if (elsewhere || schedulingGates.length > 0 || pod.metadata.deletionTimestamp !== undefined) return;
    const target = { apiVersion: 'v1', kind: 'Node', name: this.node };
    const body = { metadata: { name: pod.metadata.name, uid: pod.metadata.uid }, target };
    await this.#change(`${podPath(pod)}/binding`, { method: 'POST', body });
  }

  async #release(pod: Pod): Promise<void> {
    const body = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
    await this.#change(podPath(pod), { method: 'DELETE', body });
  }

  async #run(key: string, pod: Pod): Promise<void> {
    const contents = new PodContents(pod, this.#sources);
    try {
      const env = contents.env();
      const volumes = await contents.volumes();
      this.#given.set(key, { pod, env, atStart: volumes, volumes });
    } catch (error) {
      if (!(error instanceof MissingSource)) throw error;
      return this.#wait(key, pod, error.message);
    }
    this.#waiting.delete(key);
    await this.#tell(pod, runningStatus(pod, new Date().toISOString()));
  }

  async #wait(key: string, pod: Pod, reason: string): Promise<void> {
    if (this.#waiting.get(key) === reason) return;
    this.#waiting.set(key, reason);
    await this.#tell(pod, waitingStatus(pod, new Date().toISOString(), reason));
  }

  /** What is missing now leaves what was there. */
  async #refresh(key: string, given: Given): Promise<void> {
    try {
      this.#given.set(key, { ...given, volumes: await new PodContents(given.pod, this.#sources).volumes() });
    } catch (error) {
      if (!(error instanceof MissingSource)) throw error;
    }
  }

  async #tell(pod: Pod, status: object): Promise<void> {
    const body = { metadata: { uid: pod.metadata.uid }, status };
    await this.#change(`${podPath(pod)}/status`, { method: 'PATCH', body });
  }

  /** A pod that is gone, replaced or bound meanwhile is none of its business any more. */
  async #change(path: string, call: Call): Promise<void> {
    const { status, body } = await this.#api.call(path, call);
    if (status >= 300 && status !== 404 && status !== 409) throw new Error(`${status} ${String(body['message'])}`);
  }
}

/** Its requests bear the user agent `fake-kubelet`. */
export const startFakeKubelet = async (cluster: Cluster, node = 'node-1'): Promise<FakeKubelet> => {
  const { server, ca, administrator } = cluster;
  const kubelet = new FakeKubelet(node, makeApi({ server, ca, ...administrator, userAgent: 'fake-kubelet' }));
  await kubelet.start();
  return kubelet;
};
