/** What a kubelet would put into a pod's environment and volumes, from the Secrets and ConfigMaps there are. */
import { type Container, containersOf, type EnvFrom, type EnvVar, fieldOf, type Items, type KeyRef } from './pod.ts';
import type { Pod, Projection, Volume } from './pod.ts';

export type Texts = { readonly [name: string]: string };

export type TokenRequest = NonNullable<Projection['serviceAccountToken']>;

export type SourceKind = 'Secret' | 'ConfigMap';

export interface Sources {
  /** The data, decoded; undefined where there is no such object. */
  find(kind: SourceKind, namespace: string, name: string): Texts | undefined;
  /** A token of the pod's ServiceAccount, bound to the pod. */
  token(pod: Pod, request: TokenRequest): Promise<string>;
}

/** Says what a pod waits for. */
export class MissingSource extends Error {}

export class PodContents {
  readonly #pod: Pod;
  readonly #sources: Sources;
  readonly #namespace: string;

  constructor(pod: Pod, sources: Sources) {
    this.#pod = pod;
    this.#sources = sources;
    this.#namespace = pod.metadata.namespace ?? '';
  }

  /** Container → name → value. Throws `MissingSource`. */
  env(): { readonly [container: string]: Texts } {
    return Object.fromEntries(containersOf(this.#pod).map(container => [container.name, this.#envOf(container)]));
  }

  /** Volume → file → text; volumes that hold nothing of these kinds are empty. Rejects with `MissingSource`. */
  async volumes(): Promise<{ readonly [volume: string]: Texts }> {
    const volumes = this.#pod.spec.volumes ?? [];
    const filled = volumes.map(async volume => [volume.name, await this.#filesOf(volume)] as const);
    return Object.fromEntries(await Promise.all(filled));
  }

  #envOf({ env = [], envFrom = [] }: Container): Texts {
    const whole = envFrom.flatMap(from => this.#envFrom(from));
    const single = env.flatMap((entry): [string, string][] => {
      const value = this.#valueOf(entry);
      return value === undefined ? [] : [[entry.name, value]];
    });
    return Object.fromEntries([...whole, ...single]);
  }

  #envFrom({ prefix = '', secretRef, configMapRef }: EnvFrom): [string, string][] {
    const data = {
      ...(secretRef === undefined ? {} : this.#all('Secret', secretRef.name, secretRef.optional)),
      ...(configMapRef === undefined ? {} : this.#all('ConfigMap', configMapRef.name, configMapRef.optional)),
    };
    return Object.entries(data).map(([name, value]) => [`${prefix}${name}`, value]);
  }

  #valueOf({ value = '', valueFrom }: EnvVar): string | undefined {
    if (valueFrom?.secretKeyRef !== undefined) return this.#one('Secret', valueFrom.secretKeyRef);
    if (valueFrom?.configMapKeyRef !== undefined) return this.#one('ConfigMap', valueFrom.configMapKeyRef);
    return valueFrom?.fieldRef === undefined ? value : fieldOf(this.#pod, valueFrom.fieldRef);
  }

  #all(kind: SourceKind, name: string, optional = false): Texts {
    const data = this.#sources.find(kind, this.#namespace, name);
    if (data === undefined && !optional) throw new MissingSource(`${kind} ${this.#namespace}/${name} not found`);
    return data ?? {};
  }

  #one(kind: SourceKind, { name, key, optional = false }: KeyRef): string | undefined {
    const value = this.#all(kind, name, optional)[key];
    if (value === undefined && !optional) {
      throw new MissingSource(`couldn't find key ${key} in ${kind} ${this.#namespace}/${name}`);
    }
    return value;
  }

  #items(kind: SourceKind, name: string, { items, optional = false }: Items): Texts {
    const all = this.#all(kind, name, optional);
    if (items === undefined) return all;
    const chosen = items.map(({ key, path }) => [path, this.#one(kind, { name, key, optional })] as const);
    return Object.fromEntries(chosen.flatMap(([path, value]) => (value === undefined ? [] : [[path, value]])));
  }

  async #filesOf({ secret, configMap, projected }: Volume): Promise<Texts> {
    const parts = await Promise.all((projected?.sources ?? []).map(source => this.#projection(source)));
    return Object.assign(
      {},
      ...parts,
      secret === undefined ? {} : this.#items('Secret', secret.secretName, secret),
      configMap === undefined ? {} : this.#items('ConfigMap', configMap.name, configMap),
    ) as Texts;
  }

  async #projection({ secret, configMap, serviceAccountToken, downwardAPI }: Projection): Promise<Texts> {
    const fields = (downwardAPI?.items ?? []).map(({ path, fieldRef }) => [path, fieldOf(this.#pod, fieldRef)]);
    return {
      ...(secret === undefined ? {} : this.#items('Secret', secret.name, secret)),
      ...(configMap === undefined ? {} : this.#items('ConfigMap', configMap.name, configMap)),
      ...(Object.fromEntries(fields) as Texts),
      ...(serviceAccountToken === undefined
        ? {}
        : { [serviceAccountToken.path]: await this.#sources.token(this.#pod, serviceAccountToken) }),
    };
  }
}
